// What Go says for each errno; its output is test/vectors/errno_text.tsv.
package main

import (
	"fmt"
	"syscall"
)

func main() {
	for number := 0; number < 600; number++ {
		fmt.Printf("%d\t%s\n", number, syscall.Errno(number).Error())
	}
}
