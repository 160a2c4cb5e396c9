package methods

import (
	"math"
	"math/rand/v2"
)

// Column is a column of a table that is resampled: numbers, of which NaN is a missing one, or the levels of a category,
// of which a negative one is missing.
type Column struct {
	Numbers []float64
	Levels  []int // in place of Numbers
}

// HEOM returns the squared distance between two rows by the heterogeneous Euclidean-overlap metric (Wilson, Martinez:
// Improved Heterogeneous Distance Functions, JAIR 1997), the distance for mixed columns in SMOTER and SMOGN: the sum
// over the columns of ((x-y)/range)² for numbers, 0 or 1 for categories that are equal or not, and 1 where a value is
// missing. A column whose numbers are all the same has no part in it. The function may be called from several
// goroutines.
func HEOM(columns []Column, rows int) func(a, b int) float32 {
	var m mixedRows
	for _, c := range columns {
		switch low, high, missing := numberRange(c.Numbers); {
		case c.Levels != nil:
			m.levels.columns = append(m.levels.columns, levelCodes(c.Levels))
		case missing:
			m.gaps.columns = append(m.gaps.columns, unitShares(c.Numbers, low, high))
		case low < high:
			m.numbers.columns = append(m.numbers.columns, unitShares(c.Numbers, low, high))
		}
	}
	m.numbers.lay(rows)
	m.gaps.lay(rows)
	m.levels.lay(rows)
	return m.squared
}

// mixedRows are the rows of a table with numbers scaled to 0 to 1: those of complete columns apart from the others.
type mixedRows struct {
	numbers, gaps matrix[float32]
	levels        matrix[int32]
}

// matrix holds columns row by row.
type matrix[T any] struct {
	columns [][]T
	cells   []T
}

func (m *matrix[T]) lay(rows int) {
	m.cells = make([]T, 0, rows*len(m.columns))
	for row := range rows {
		for _, c := range m.columns {
			m.cells = append(m.cells, c[row])
		}
	}
}

func (m *matrix[T]) row(row int) []T { return m.cells[row*len(m.columns):][:len(m.columns)] }

func (m *mixedRows) squared(a, b int) float32 {
	sum := squaredDistance(m.numbers.row(a), m.numbers.row(b))
	second := m.gaps.row(b)
	for i, v := range m.gaps.row(a) {
		if d := v - second[i]; d == d {
			sum += d * d
		} else {
			sum++ // one is missing
		}
	}
	levels, different := m.levels.row(b), uint32(0)
	for i, level := range m.levels.row(a) {
		d := level ^ levels[i]
		different += uint32(d|-d) >> 31 // without a branch, which the processor could not foresee
	}
	return sum + float32(different)
}

// levelCodes gives each missing level a code of its own, so that it is equal to no other row's.
func levelCodes(levels []int) []int32 {
	codes := make([]int32, len(levels))
	for row, level := range levels {
		if codes[row] = int32(level); level < 0 {
			codes[row] = -int32(row) - 1
		}
	}
	return codes
}

// unitShares are numbers as shares of their range. They are halved before the differences, which could overflow.
func unitShares(numbers []float64, low, high float64) []float32 {
	shares := make([]float32, len(numbers))
	for i, v := range numbers {
		if shares[i] = float32((v/2 - low/2) / (high/2 - low/2)); low == high {
			shares[i] = float32(v - v) // 0, or NaN where the number is missing
		}
	}
	return shares
}

// numberRange returns the smallest and the largest number and whether one is missing; without any both are 0.
func numberRange(numbers []float64) (low, high float64, missing bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range numbers {
		if math.IsNaN(v) {
			missing = true
			continue
		}
		low, high = min(low, v), max(high, v)
	}
	if low > high {
		return 0, 0, missing
	}
	return low, high, missing
}

// Mix returns the values of the synthetic rows of a resampled table in one of its columns; the at-th column draws
// numbers of its own. As in the papers, a number lies between those of both parents at their share, and a category is
// that of one parent by chance. With noise, a number is its parent's plus Gaussian noise whose standard deviation is
// Synthetic.Noise times that of the rare region, and a category is that of a row of the region by chance. Numbers stay
// within the range of the column, and whole where all of them are. A number that one of the parents lacks is that of
// one parent by chance.
func (c Column) Mix(r Resampled, at int) Column {
	low, high, _ := numberRange(c.Numbers)
	whole := c.Whole()
	spreads := make([]float64, len(r.Filled))
	for i, rows := range r.Filled {
		spreads[i] = c.deviation(rows)
	}
	var mixed Column
	for _, s := range r.Synthetic {
		random := rand.New(rand.NewPCG(s.Seed, uint64(at)))
		parent := s.First
		if random.IntN(2) == 1 {
			parent = s.Second
		}
		if c.Levels != nil {
			if region := r.Filled[s.Region]; s.Noise > 0 {
				parent = region[random.IntN(len(region))]
			}
			mixed.Levels = append(mixed.Levels, c.Levels[parent])
			continue
		}
		v := (1-s.Share)*c.Numbers[s.First] + s.Share*c.Numbers[s.Second] + random.NormFloat64()*s.Noise*spreads[s.Region]
		if math.IsNaN(v) {
			v = c.Numbers[parent]
		}
		if whole {
			v = math.Round(v)
		}
		mixed.Numbers = append(mixed.Numbers, min(max(v, low), high))
	}
	return mixed
}

// Whole reports whether all numbers of a column are whole.
func (c Column) Whole() bool {
	for _, v := range c.Numbers {
		if v == v && v != math.Trunc(v) {
			return false
		}
	}
	return c.Levels == nil
}

// deviation returns the standard deviation (ddof 1) of the numbers of some rows; 0 for fewer than two.
func (c Column) deviation(rows []int) float64 {
	var n, mean, squares float64
	for _, row := range rows {
		if c.Levels != nil || math.IsNaN(c.Numbers[row]) {
			continue
		}
		n++
		d := c.Numbers[row] - mean
		mean += d / n // Welford
		squares += d * (c.Numbers[row] - mean)
	}
	if n < 2 {
		return 0
	}
	return math.Sqrt(squares / (n - 1))
}
