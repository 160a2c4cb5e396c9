package main

import "github.com/spf13/cobra"

func newDataCmd() *cobra.Command {
	return &cobra.Command{Use: "data", Short: "Convert, generate and inspect datasets"}
}
