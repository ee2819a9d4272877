#!/bin/sh
# Completions: what each shell offers, in bash and fish by asking them.
. "$SOURCE/test/lib.sh"
need bash zsh fish

for shell in bash zsh fish; do
	"$HOY" help $shell >hoy.$shell
	same "hoy help $shell" $? 0
	same "$shell takes it" "$($shell -n hoy.$shell 2>&1)" ""
done

cat >ask.bash <<'BASH'
. ./hoy.bash
IFS='|' read -r -a COMP_WORDS <<<"$1"
[ "${1: -1}" = '|' ] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_hoy
echo "${COMPREPLY[*]}"
BASH
while read -r line want; do
	same "bash: $line" "$(bash ask.bash "$line")" "$want"
done <<'TABLE'
hoy|loo lookup
hoy|re resolve relay
hoy|to tour top
hoy|top|--view| groups tasks connections
hoy|--v --version
hoy|ip|con contains
hoy|ip|--inv --invert
hoy|ip|--color| auto always never
hoy|serve|d discard daytime dns
hoy|check| zone
hoy|lookup|AAA AAAA
hoy|lookup|mx|example.com|--dn --dnssec
hoy|help|fi fish
hoy|daytime|--t --timeout
hoy|daytime|x
TABLE
offers() { fish --no-config -c "source hoy.fish; complete -C '$1'" | cut -f1 | sort | paste -sd' '; }
same "fish: verbs" "$(offers 'hoy loo')" lookup
same "fish: flags" "$(offers 'hoy ip --inv')" --invert
same "fish: values" "$(offers 'hoy ip --color a')" "always auto"
same "fish: words" "$(offers 'hoy check z')" zone

# each verb and flag, as the help has them
for verb in $("$HOY" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	like "bash has $verb" "$(cat hoy.bash)" "^	$verb\\)\$"
	like "zsh has $verb" "$(cat hoy.zsh)" "^	$verb\\)\$"
	like "fish has $verb" "$(cat hoy.fish)" "-a $verb -d"
	for flag in $("$HOY" help "$verb" | sed -n 's/^  .. *\(--[a-z0-9-]*\).*/\1/p'); do
		checks=$((checks + 1))
		sed -n "/^	$verb)/,/;;\$/p" hoy.bash | grep -qe "$flag " || bad "bash: $verb $flag"
		sed -n "/^	$verb)/,/;;\$/p" hoy.zsh | grep -qe "'$flag\\[" || bad "zsh: $verb $flag"
		grep -qe "from $verb' -l ${flag#--} " hoy.fish || bad "fish: $verb $flag"
	done
done
finish
