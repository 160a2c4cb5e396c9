// Command dirbench runs deep imbalanced regression benchmarks; see the README.
package main

import "github.com/dirbench/dirbench/cmd"

func main() { cmd.Main() }
