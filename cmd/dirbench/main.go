// Command dirbench runs deep imbalanced regression benchmarks; see the README.
package main

import "os"

func main() { os.Exit(Main()) }
