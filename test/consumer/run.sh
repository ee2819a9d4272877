#!/bin/sh
# Installs hoy, moves what was installed, and builds a stranger's program with it in each
# way there is. Run by test/run.sh; BUILD is the build that is installed.
here=$SOURCE/test/consumer
top=$PWD

step()	# NAME COMMAND...
{
	name=$1
	shift
	if "$@" >log 2>&1; then
		echo "ok   $name"
	else
		cat log
		echo "FAIL $name"
		exit 1
	fi
}

quiet() { "$@" >/dev/null 2>&1; }

step install cmake --install "$BUILD" --prefix "$top/first"

# As gdb does with what is installed in /usr.
auto_load=$top/first/share/gdb/auto-load
loads_commands()	# PROGRAM
{
	gdb -nx -batch -iex "set auto-load scripts-directory $auto_load" -iex "set auto-load safe-path $auto_load" \
		-ex start -ex 'info hoy-tasks' -ex kill "$1" 2>&1 | tee /dev/stderr | grep -q '^id  *name '
}
# shellcheck disable=SC2046
by_soname() { gcc -o first/shared "$here/main.c" -Ifirst/include $(find first -name libhoy.so) -Wl,-rpath,"$(dirname "$(find "$top/first" -name libhoy.so)")"; }
if command -v gdb >/dev/null; then
	step "gdb loads hoy's commands with the command" loads_commands first/bin/hoy
	step "gdb: builds" by_soname
	step "gdb loads hoy's commands with the library" loads_commands first/shared
	rm first/shared
else
	echo "gdb is missing: how it loads hoy's commands was not checked"
fi
mv first moved
libdir=$(dirname "$(find "$top/moved" -name libhoy.a)")
below=${libdir#"$top/moved/"}

listed()
{
	(cd moved && find . -type f -o -type l) | sed -E "s|^\./||; s|auto-load$top/first|auto-load/PREFIX|; s|^$below/|lib/|; s|PREFIX/$below/|PREFIX/lib/|; s|targets-[a-z]+\.|targets-CONFIG.|" |
		LC_ALL=C sort | diff - "$here/installed.txt"
}
step "what is installed is what is listed" listed
pc_has_no_path() { ! grep -rn "$top" moved --include=*.pc --include=*.cmake; }
step "nothing installed names the place it was installed to" pc_has_no_path
step "the command runs" moved/bin/hoy --version

export PKG_CONFIG_PATH="$libdir/pkgconfig"
# shellcheck disable=SC2046
by_pkg_config() { gcc -std=c11 -Wall -Wextra -Werror -o dynamic "$here/main.c" $(pkg-config --cflags --libs hoy) "-Wl,-rpath,$libdir"; }
step "pkg-config, shared: builds" by_pkg_config
step "pkg-config, shared: runs" ./dynamic
needs_soname() { readelf -d dynamic | grep -F 'NEEDED' | grep -F '[libhoy.so.0.1]'; }
says_how_to_compile() { [ "$(pkg-config --variable=stack_cflags hoy)" = -fstack-clash-protection ]; }
step "pkg-config: says how to compile tasks" says_how_to_compile
step "pkg-config, shared: asks for libhoy.so.0.1" needs_soname
# shellcheck disable=SC2046
without_rpath() { gcc -std=c11 -o unaided "$here/main.c" $(pkg-config --cflags --libs hoy); }
step "pkg-config, shared: builds without -rpath" without_rpath
step "pkg-config, shared: LD_LIBRARY_PATH leads to it" env LD_LIBRARY_PATH="$libdir" ./unaided

# shellcheck disable=SC2046
by_static() { gcc -std=c11 -Wall -Wextra -Werror -static -Wl,--fatal-warnings -o static "$here/main.c" $(pkg-config --static --cflags --libs hoy); }
step "pkg-config, static: builds" by_static
step "pkg-config, static: runs" ./static
needs_nothing() { ! readelf -d static | grep NEEDED; }
step "pkg-config, static: needs no library" needs_nothing

if echo '#include <sys/sdt.h>' | gcc -E - >/dev/null 2>&1; then
	printf '#include <sys/sdt.h>\n#include "main.c"\nvoid own(int n) { STAP_PROBE1(own, probe, n); }\n' >probes.c
	# shellcheck disable=SC2046
	with_probes() { gcc -std=gnu11 -static -I"$here" -o probes probes.c $(pkg-config --static --cflags --libs hoy); }
	step "a program with probes of its own, static: links" with_probes
	has_both() { readelf -n probes | grep -q 'Provider: own$' && readelf -n probes | grep -q 'Provider: hoy$'; }
	step "a program with probes of its own, static: has both" has_both
fi

# Names without getaddrinfo: the linker has nothing to warn of, the program asks nobody's library.
# shellcheck disable=SC2046
names() { gcc -std=c11 -static -Wl,--fatal-warnings -o names "$here/names.c" $(pkg-config --static --cflags --libs hoy); }
step "lookup and dial by name, static: links without a warning" names
step "lookup and dial by name, static: runs" ./names

# shellcheck disable=SC2046
by_cxx() { g++ -std=c++11 -Wall -Werror -x c++ -o cxx "$here/main.c" -x none $(pkg-config --cflags --libs hoy) "-Wl,-rpath,$libdir"; }
step "C++11: builds" by_cxx
step "C++11: runs" ./cxx

# The test of the project's own, against what was installed.
exceptions()	# FLAG... for the linker
{
	gcc -std=c11 -D_GNU_SOURCE -I"$SOURCE/test" -c "$SOURCE/test/unit/task_exceptions.c" -o exceptions.o &&
		g++ -std=c++17 -o exceptions exceptions.o "$SOURCE/test/unit/task_exceptions.cc" "$@"
}
# shellcheck disable=SC2046
step "C++ exceptions, shared: builds" exceptions $(pkg-config --cflags --libs hoy) "-Wl,-rpath,$libdir"
step "C++ exceptions, shared: runs" ./exceptions
# shellcheck disable=SC2046
step "C++ exceptions, static: builds" exceptions -static $(pkg-config --static --cflags --libs hoy)
step "C++ exceptions, static: runs" ./exceptions

# shellcheck disable=SC2046
unloads() { gcc -std=gnu11 -Wall -Werror -o unload "$here/unload.c" $(pkg-config --cflags hoy) -pthread -ldl; }
step "a program that unloads the library: builds" unloads
step "a program that unloads the library: runs" ./unload "$libdir/libhoy.so"

by_cmake()	# NAME OPTION...
{
	tree=$1
	shift
	step "$tree: configures" cmake -G Ninja -S "$here" -B "$tree" -DCMAKE_BUILD_TYPE=Debug "$@"
	step "$tree: builds" cmake --build "$tree"
	step "$tree: runs" "$tree/consumer"
}
by_cmake find_package -Dhoy_ROOT="$top/moved" -DWANTED=0.1
by_cmake find_package_shared -Dhoy_ROOT="$top/moved" -DWANTED=0.1 -DBUILD_SHARED_LIBS=ON
refused() { ! quiet cmake -G Ninja -S "$here" -B refused -Dhoy_ROOT="$top/moved" -DWANTED=0.2; }
step "find_package: 0.2 is refused" refused

by_cmake fetch -DFETCH="$SOURCE"
if command -v musl-gcc >/dev/null; then
	by_cmake musl -DFETCH="$SOURCE" -DHOY_SHARED=OFF -DCMAKE_C_COMPILER=musl-gcc \
		-DCMAKE_C_FLAGS="-idirafter /usr/include -idirafter /usr/include/$(gcc -print-multiarch)" \
		-DCMAKE_EXE_LINKER_FLAGS="-static -Wl,--fatal-warnings"
	step "lookup and dial by name, musl: runs" musl/names
else
	echo "no musl-gcc: its part is left out"
fi
only_the_library() { ! find fetch -type f \( -name hoy -o -path '*test/*' -o -path '*examples/*' \) | grep .; }
step "fetch: only the library is built" only_the_library
