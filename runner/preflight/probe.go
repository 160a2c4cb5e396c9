package preflight

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dirbench/dirbench/runner/backend"
)

// Probe opens a backend, checks a matrix product and measures its speed. It may crash with the backend: see
// [ProbeInChild].
func Probe(name string) Backend {
	found := Backend{Name: name}
	begin := time.Now()
	opened, _, err := backend.Open(name)
	if err != nil {
		found.Error = strings.TrimPrefix(oneLine(err.Error()), fmt.Sprintf("backend %q: ", name))
		return found
	}
	defer opened.Finalize()
	found.OpenSeconds, found.Description = time.Since(begin).Seconds(), opened.Description()
	if found.GFLOPS, err = matrixSpeed(opened); err != nil {
		found.Error = oneLine(err.Error())
	}
	return found
}

// The sides of the matrices: a small one for the check, a large one where the small one is over too soon to be
// measured.
const (
	smallSide = 512
	largeSide = 4096
	fastRate  = 200 // GFLOP/s
)

// wrongProduct begins the error about a backend that miscalculates.
const wrongProduct = "wrong matrix product"

var errWrongProduct = errors.New(wrongProduct)

func matrixSpeed(backend compute.Backend) (gflops float64, err error) {
	rate, err := timeProduct(backend, smallSide)
	if err != nil || rate < fastRate {
		return rate, err
	}
	return timeProduct(backend, largeSide)
}

// timeProduct squares a matrix for a while and returns 1e9 operations a second.
func timeProduct(backend compute.Backend, side int) (gflops float64, err error) {
	exec, err := graph.NewExec(backend, func(x *graph.Node) (product, sum *graph.Node) {
		product = graph.MatMul(x, x)
		return product, graph.ReduceAllSum(product)
	})
	if err != nil {
		return 0, err
	}
	defer exec.Finalize()
	rows := sparseRows(side)
	x := denseMatrix(rows)
	out, err := exec.Call(x) // the first call compiles
	if err == nil && side == smallSide {
		err = checkSquare(rows, tensors.MustCopyFlatData[float32](out[0]))
	}
	if err != nil {
		return 0, err
	}
	begin, runs := time.Now(), 0
	for ; runs == 0 || time.Since(begin) < 300*time.Millisecond; runs++ {
		if out, err = exec.Call(x); err != nil {
			return 0, err
		}
		_ = tensors.ToScalar[float32](out[1]) // waits for the device
	}
	return 2 * float64(side) * float64(side) * float64(side) * float64(runs) / time.Since(begin).Seconds() / 1e9, nil
}

// sparseRows returns the columns of the ones in each row of a matrix of zeros and ones. Its products are whole numbers
// that every float format holds, so a right backend gives them exactly.
func sparseRows(side int) [][]int {
	rows := make([][]int, side)
	for row := range rows {
		for column := range side {
			if (row*7+column*3+row*column)%64 == 0 {
				rows[row] = append(rows[row], column)
			}
		}
	}
	return rows
}

func denseMatrix(rows [][]int) *tensors.Tensor {
	side := len(rows)
	x := tensors.FromShape(shapes.Make(dtypes.Float32, side, side))
	tensors.MustMutableFlatData(x, func(flat []float32) {
		for row, columns := range rows {
			for _, column := range columns {
				flat[row*side+column] = 1
			}
		}
	})
	return x
}

// checkSquare compares a product with that of the rows with themselves.
func checkSquare(rows [][]int, product []float32) error {
	want := make([]float32, len(rows))
	for row, columns := range rows {
		clear(want)
		for _, k := range columns {
			for _, column := range rows[k] {
				want[column]++
			}
		}
		for column, w := range want {
			if got := product[row*len(rows)+column]; got != w {
				return fmt.Errorf("%w: row %d, column %d is %g, expected %g", errWrongProduct, row, column, got, w)
			}
		}
	}
	return nil
}
