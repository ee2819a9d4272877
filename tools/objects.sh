#!/bin/sh
# What each object file asks of the outside. Only src/os may call the system or libc's
# I/O, clocks and randomness, or look at errno; only base/alloc.c may allocate; the rest
# has the pure functions and the threads listed here. objects.sh OBJECT-DIRECTORY
dir=$1
pure='_GLOBAL_OFFSET_TABLE_|__tls_get_addr|__stack_chk_fail|abort|__assert_fail|[hn]to[nh][sl]'
pure="$pure|mem(cpy|move|set|cmp|chr|rchr)|str(n?len|n?cmp|ncpy|n?casecmp|r?chr|chrnul|c?spn|str|pbrk|tou?ll?)|bsearch|qsort"
# of gcc's function_return, see src/task/switch.h
pure="$pure|__x86_return_thunk"
pure="$pure|v?snprintf|secure_getenv|atoi|(tolower|toupper)"
# pthread_self and the like; signals belong to task, and are neither I/O nor a clock
threads='pthread_[a-z_]+|sched_yield|sig(action|altstack|emptyset|fillset|addset|delset|ismember|procmask)|raise|getpid|_exit|__cxa_get_globals'
allocation='malloc|calloc|realloc|free|aligned_alloc|posix_memalign|reallocarray'
status=0 count=0

for object in $(find "$dir" -name '*.o' | sort); do
	count=$((count + 1))
	file=${object#"$dir"/}
	layer=${file%%/*}
	[ "$layer" = os ] && continue
	allowed="hoy_.*|$pure"
	case $layer in task|fd|debug) allowed="$allowed|$threads" ;; esac
	[ "$file" = base/alloc.c.o ] && allowed="$allowed|$allocation"
	# sanitizers' and gcov's own names are the build's, not the file's
	nm -u "$object" | awk '{ print $2 }' | grep -vE "^($allowed|__([atu]|l)san_.*|__ubsan_.*|__sanitizer_.*|__gcov_.*)\$" |
		sed "s|^|${file%.o} asks for |" | grep . && status=1
done
[ $count -gt 0 ] || { echo "no objects in $dir: what was checked?"; exit 2; }
[ $status = 0 ] && echo "objects: $count, only os reaches outside"
exit $status
