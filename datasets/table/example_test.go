package table_test

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/dirbench/dirbench/datasets/table"
)

// Read two columns of a file, row by row. A Parquet or an Arrow file is read in the same way.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "table")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "houses.csv")
	if err := os.WriteFile(path, []byte("street,rooms,price\nHill,3,250.5\nMill,5,410\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	f, err := table.Open(path, table.Column{Name: "street", Kind: table.Text},
		table.Column{Name: "price", Kind: table.Number})
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for {
		row, err := f.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row[0].Text, row[1].Number)
	}
	// Output:
	// Hill 250.5
	// Mill 410
}
