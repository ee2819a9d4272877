// Go's own resolver, a goroutine for each lookup at a time. Arguments and output as the clients in C.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func cpu() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func micros(d time.Duration) float64 { return float64(d) / 1e3 }

func main() {
	port, name := os.Args[1], os.Args[2]
	count, _ := strconv.Atoi(os.Args[3])
	atOnce, _ := strconv.Atoi(os.Args[4])
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, "127.0.0.1:"+port)
	}}
	took := make([]time.Duration, count)
	var next, bad int64
	var group sync.WaitGroup
	begun, used := time.Now(), cpu()
	for i := 0; i < atOnce; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				number := int(atomic.AddInt64(&next, 1)) - 1
				if number >= count {
					return
				}
				start := time.Now()
				list, err := resolver.LookupIP(context.Background(), "ip", fmt.Sprintf("h%d.%s", number, name))
				took[number] = time.Since(start)
				if err != nil || len(list) != 2 {
					atomic.AddInt64(&bad, 1)
				}
			}
		}()
	}
	group.Wait()
	wall, used := time.Since(begun), cpu()-used
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	fmt.Printf("{\"who\":\"Go\",\"conc\":%d,\"n\":%d,\"bad\":%d,\"per_s\":%.0f,\"cpu_us\":%.2f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
		atOnce, count, bad, float64(count)/wall.Seconds(), micros(used)/float64(count),
		micros(took[count/2]), micros(took[count*99/100]))
}
