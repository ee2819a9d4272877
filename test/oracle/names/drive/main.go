// Go's resolver and hoy's, asked the same with the same files and the same servers.
//
//	drive COUNT SEED ASK_GO ASK_C NAMES [FUNCTION...]
//
// NAMES is a file of names that the real servers know, at 127.0.1.1 and the next five addresses.
// About COUNT questions, so many to a configuration. Each configuration is looked at by two
// processes that find it in /etc: a thread here has a mount namespace of its own, where /etc
// is a directory of its own, and what it starts sees the same. Exit status 1 if an answer
// differs for a reason that rules.go has not, or, over 100000 questions, if one of those
// reasons is not seen any more.
package main

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	perConfig = 40
	workers   = 12
	longRun   = 100000
	mostShown = 40
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "drive:", err)
		os.Exit(2)
	}
}

// ---- one outcome ----

type outcome struct {
	line    string
	listed  bool
	items   []string
	dropped int
	failed  bool
	flags   string
	text    string
}

func parse(line string) *outcome {
	o := &outcome{line: line}
	list, failure, failed := strings.Cut(line, "! ")
	if o.failed = failed; failed {
		o.flags, o.text, _ = strings.Cut(failure, " ")
	}
	if o.listed = strings.HasPrefix(list, "="); o.listed {
		for _, word := range strings.Fields(list[1:]) {
			if strings.HasPrefix(word, "~") {
				o.dropped, _ = strconv.Atoi(word[1:])
			} else {
				o.items = append(o.items, word)
			}
		}
	}
	return o
}

func (o *outcome) same(p *outcome) bool {
	return o.listed == p.listed && o.failed == p.failed && o.flags == p.flags && o.text == p.text && o.dropped == p.dropped &&
		strings.Join(o.items, " ") == strings.Join(p.items, " ")
}

// sortRuns sorts the items of equal key among themselves: their order is drawn.
func sortRuns(items []string, key func(string) string) {
	sort.SliceStable(items, func(i, j int) bool { return key(items[i]) == key(items[j]) && items[i] < items[j] })
	for i := 0; i < len(items); {
		j := i + 1
		for j < len(items) && key(items[j]) == key(items[i]) {
			j++
		}
		sort.Strings(items[i:j])
		i = j
	}
}

// No route leads there, so no rule of RFC 6724 puts one family before the other, and Go has them as they came.
var routed = regexp.MustCompile(`^((::ffff:)?(192\.0\.2\.|127\.|0\.0\.0\.0$)|2001:db8:[01]?:|2001:db8::|2002:|fc00:|::1$|::$|.*%here$)`)

func (o *outcome) normalise(function string) {
	head := func(s string) string { h, _, _ := strings.Cut(s, "/"); return h }
	switch function {
	case "LookupMX":
		sortRuns(o.items, head)
	case "LookupSRV":
		if len(o.items) > 1 {
			sortRuns(o.items[1:], head)
		}
	case "LookupIP", "LookupIPAddr", "LookupHost":
		at := len(o.items)
		for at > 0 && !routed.MatchString(o.items[at-1]) {
			at--
		}
		rest := o.items[at:]
		sort.SliceStable(rest, func(i, j int) bool { return !strings.Contains(rest[i], ":") && strings.Contains(rest[j], ":") })
	}
}

// ---- asking ----

func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '%' {
			fmt.Fprintf(&b, "%%%02x", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

type comparison struct {
	config  *config
	words   []string // function and arguments
	line    string
	goSays  *outcome
	hoySays *outcome
	told    [2][]map[string]bool // of each type and name, the one that was typed first: what was odd about the replies
	tags    map[string]bool      // all of them
}

func (c *comparison) function() string { return c.words[0] }

// ask runs one of the programs in the current /etc: a line for each question.
func ask(lines []string, command ...string) []string {
	var out, complaint bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	cmd.Stdout, cmd.Stderr = &out, &complaint
	check(cmd.Start())
	late := time.AfterFunc(4*time.Minute, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	late.Stop()
	answers := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if err != nil || len(answers) != len(lines) {
		fmt.Printf("%s: %v, %d answers of %d\n%s", command[0], err, len(answers), len(lines), complaint.String())
		os.Exit(1)
	}
	return answers
}

type run struct {
	goProgram, cProgram string
	functions           string
	sync.Mutex
	perFunction map[string]*[4]int // asked, listed by both, excused, different
	used        map[string]int
	outcomes    map[string]int
	again       int
	shown       int
	first       bool // the first difference is enough
}

func (r *run) askBoth(cs []*comparison, how *config) {
	var lines []string
	for _, c := range cs {
		lines = append(lines, c.line)
	}
	manner := "own"
	if how.shared {
		manner = "shared"
	} else if how.strict {
		manner = "strict"
	}
	golang, hoy := ask(lines, r.goProgram, manner), ask(lines, r.cProgram, manner)
	for i, c := range cs {
		c.goSays, c.hoySays = parse(golang[i]), parse(hoy[i])
		c.goSays.normalise(c.function())
		c.hoySays.normalise(c.function())
		c.gatherTags()
	}
}

var suffixes = []string{"", "hoy.example.", "a.test.", "b.test.", "one.a.test.", "two.a.test.", "three.a.test.", "four.a.test.", "five.a.test.", "six.a.test.",
	"seven.a.test.", "example.test.", "b.c.", "x.", "-bad.test.", strings.Repeat("long.", 45) + "test."}

func (c *comparison) gatherTags() {
	c.tags, c.told = map[string]bool{}, [2][]map[string]bool{}
	kinds := map[string][]uint16{"LookupMX": {typeMX}, "LookupNS": {typeNS}, "LookupTXT": {typeTXT}, "LookupSRV": {typeSRV},
		"LookupAddr": {typePTR}}[c.function()]
	if kinds == nil {
		kinds = []uint16{typeA, typeAAAA}
	}
	name, rooted := c.name(), strings.HasSuffix(c.name(), ".")
	for i, kind := range kinds {
		for _, suffix := range suffixes {
			fqdn := name + "." + suffix
			if rooted {
				fqdn = name
			}
			tags := toldOf(fqdn, kind)
			c.told[i] = append(c.told[i], tags)
			for t := range tags {
				c.tags[t] = true
			}
			if rooted {
				break
			}
		}
	}
}

// typed is what was odd about the replies for the name as it was typed, by type.
func (c *comparison) typed() (list [][]string) {
	for _, told := range c.told {
		if len(told) > 0 {
			list = append(list, keys(told[0]))
		}
	}
	return
}

// judge says whether the answers agree, and counts by which rules.
func (r *run) judge(c *comparison) bool {
	if c.goSays.same(c.hoySays) {
		return true
	}
	rules := excuses(c)
	r.Lock()
	defer r.Unlock()
	for _, id := range rules {
		r.used[id]++
	}
	return len(rules) > 0
}

func kindOf(o *outcome) string {
	if !o.failed {
		return "a list"
	}
	at := strings.LastIndex(o.text, ": ")
	return o.text[at+1:]
}

func (r *run) count(c *comparison, agrees bool) {
	r.Lock()
	defer r.Unlock()
	n := r.perFunction[c.function()]
	if n == nil {
		n = new([4]int)
		r.perFunction[c.function()] = n
	}
	n[0]++
	r.outcomes[strings.TrimSpace(kindOf(c.hoySays))]++
	switch {
	case !agrees:
		n[3]++
		if r.shown++; r.shown <= mostShown {
			fmt.Printf("%.300s\n  Go   %.300s\n  hoy  %.300s\n  tags %v, for the name as typed %v\n  resolv.conf %q\n  hosts %.200q\n  nsswitch %q hostname %q strict %v\n", c.line, c.goSays.line, c.hoySays.line,
				keys(c.tags), c.typed(), c.config.resolv, c.config.hosts, c.config.nsswitch, c.config.hostname, c.config.strict)
		}
		if r.first {
			os.Exit(1)
		}
	case !c.goSays.same(c.hoySays):
		n[2]++
	case c.goSays.listed:
		n[1]++
	}
}

func keys(m map[string]bool) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	sort.Strings(list)
	return
}

func (r *run) compare(c *config, cs []*comparison) {
	r.askBoth(cs, c)
	for _, one := range cs {
		agrees := r.judge(one)
		for try := 0; !agrees && try < 2; try++ { // a busy machine answers late
			r.Lock()
			r.again++
			r.Unlock()
			r.askBoth([]*comparison{one}, c)
			agrees = r.judge(one)
		}
		r.count(one, agrees)
	}
}

// ---- the file system of a thread ----

func write(dir, name, text string, missing bool) {
	path := filepath.Join(dir, name)
	os.Remove(path)
	if !missing {
		check(os.WriteFile(path, []byte(text), 0644))
	}
}

func (c *config) install(dir string) {
	write(dir, "resolv.conf", c.resolv, c.noResolv)
	write(dir, "hosts", c.hosts, c.noHosts)
	write(dir, "nsswitch.conf", c.nsswitch, c.noNsswitch)
	write(dir, "services", servicesFile, false)
	check(syscall.Sethostname([]byte(c.hostname)))
}

func ownNamespace(dir string) {
	runtime.LockOSThread()
	check(syscall.Unshare(syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS))
	check(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	check(syscall.Mount(dir, "/etc", "", syscall.MS_BIND, ""))
}

func (r *run) work(jobs <-chan int, seed int64, done *sync.WaitGroup) {
	defer done.Done()
	dir, err := os.MkdirTemp(".", "etc")
	check(err)
	dir, err = filepath.Abs(dir)
	check(err)
	ownNamespace(dir)
	for i := range jobs {
		random := rand.New(rand.NewSource(seed*1000003 + int64(i)))
		c := makeConfig(i, random)
		c.install(dir)
		var cs []*comparison
		for len(cs) < perConfig {
			words := randomQuestion(c, random)
			if r.functions != "" && !strings.Contains(r.functions, " "+words[0]+" ") {
				continue
			}
			one := &comparison{config: c, words: words}
			var escaped []string
			for _, w := range words {
				escaped = append(escaped, escape(w))
			}
			one.line = strings.Join(escaped, " ")
			cs = append(cs, one)
		}
		r.compare(c, cs)
	}
}

func (r *run) report(total int) bool {
	good := true
	fmt.Printf("%-16s %8s %8s %8s %8s\n", "function", "asked", "listed", "excused", "different")
	var names []string
	for f := range r.perFunction {
		names = append(names, f)
	}
	sort.Strings(names)
	for _, f := range names {
		n := r.perFunction[f]
		fmt.Printf("%-16s %8d %8d %8d %8d\n", f, n[0], n[1], n[2], n[3])
		good = good && n[3] == 0
	}
	var outcomes []string
	for o, n := range r.outcomes {
		outcomes = append(outcomes, fmt.Sprintf("%s %d", o, n))
	}
	sort.Strings(outcomes)
	fmt.Println("hoy's outcomes:", strings.Join(outcomes, ", "))
	fmt.Println("asked again, alone:", r.again)
	for _, rule := range rules {
		fmt.Printf("%-8s %-76s %8d\n", rule.class, rule.id, r.used[rule.id])
		if r.used[rule.id] == 0 && total >= longRun && r.functions == "" {
			fmt.Println("stale: no answer differs for this reason any more")
			good = false
		}
	}
	return good && len(names) > 0
}

func main() {
	total, err := strconv.Atoi(os.Args[1])
	check(err)
	seed, err := strconv.ParseInt(os.Args[2], 10, 64)
	check(err)
	r := &run{goProgram: os.Args[3], cProgram: os.Args[4], perFunction: map[string]*[4]int{}, used: map[string]int{}, outcomes: map[string]int{}}
	names, err := os.ReadFile(os.Args[5])
	check(err)
	zoneNames = strings.Fields(string(names))
	if len(os.Args) > 6 {
		r.functions = " " + strings.Join(os.Args[6:], " ") + " "
	}
	check(os.Setenv("GODEBUG", "netdns=go"))
	r.first = os.Getenv("HOY_ORACLE_FIRST") != ""
	serve()
	jobs := make(chan int)
	var done sync.WaitGroup
	for i := 0; i < workers; i++ {
		done.Add(1)
		go r.work(jobs, seed, &done)
	}
	for i := 0; i < (total+perConfig-1)/perConfig; i++ {
		jobs <- i
	}
	close(jobs)
	done.Wait()
	if !r.report(total) {
		os.Exit(1)
	}
}
