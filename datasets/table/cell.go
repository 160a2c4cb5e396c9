package table

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// form is the logical form of a cell.
type form int

const (
	nullForm    form = iota
	untypedForm      // text of a CSV file, which may stand for anything
	integerForm
	realForm // floating point and decimal
	textForm
	binaryForm
	boolForm
	listForm    // of numbers
	pictureForm // a struct of bytes and path, as Hugging Face stores images
	otherForm   // nothing that is understood
)

// typ is the type of a column. Where the rows of one column may differ, as in JSON, its form is untypedForm.
type typ struct {
	form form
	name string // for messages
}

// cell is a value of any form.
type cell struct {
	form   form
	number float64 // of an integer and a real
	digits uint64  // of an integer: itself or, where it is signed, its two's complement
	signed bool
	bytes  []byte // of text, binary and a picture
	path   []byte // of a picture
	truth  bool
	list   []float32
	name   string // of an other
}

func integerCell(v int64) cell {
	return cell{form: integerForm, number: float64(v), digits: uint64(v), signed: true}
}

func unsignedCell(v uint64) cell { return cell{form: integerForm, number: float64(v), digits: v} }

func realCell(v float64) cell { return cell{form: realForm, number: v} }

// decimalNumber is unscaled / 10^scale, rounded once.
func decimalNumber(unscaled *big.Int, scale int) float64 {
	if scale >= 0 && scale <= 22 && unscaled.BitLen() <= 53 {
		return float64(unscaled.Int64()) / math.Pow10(scale) // both are exact
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(scale, -scale))), nil)
	ratio := new(big.Rat).SetFrac(unscaled, power)
	if scale < 0 {
		ratio.SetInt(power.Mul(power, unscaled))
	}
	number, _ := ratio.Float64()
	return number
}

// value makes what a kind asks for of a cell. Errors go on after the name of the column.
func (c cell) value(kind Kind) (Value, error) {
	switch {
	case (kind == Scalar || kind == Any) && c.form == nullForm:
		return Value{Null: true}, nil
	case c.form == nullForm:
		return Value{}, fmt.Errorf("is null (a missing value): expected %s", kind)
	case c.form == untypedForm:
		return c.parse(kind)
	case !slices.Contains(accepted[kind], c.form):
		return Value{}, fmt.Errorf("is %s: expected %s", c.typeName(), kind)
	}
	if kind == Any {
		return c.any()
	}
	switch kind {
	case Number:
		if math.IsNaN(c.number) || math.IsInf(c.number, 0) {
			return Value{}, fmt.Errorf("is %v: expected a finite number", c.number)
		}
		return Value{Number: c.number}, nil
	case Text, Key, Scalar:
		switch c.form {
		case integerForm:
			return Value{Text: c.integer()}, nil
		case realForm:
			return Value{Text: NumberText(c.number)}, nil
		case boolForm:
			return Value{Text: strconv.FormatBool(c.truth)}, nil
		}
		return textValue(c.bytes)
	case Image:
		return c.image()
	}
	return Value{Bytes: c.bytes, Bool: c.truth, List: c.list}, nil
}

// NumberText is the shortest text of a number: without an exponent, as people write ids, unless it is very large or
// very small.
func NumberText(v float64) string {
	if size := math.Abs(v); size < 1e21 && (size >= 1e-6 || v == 0) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// ParseNumber reads the text of a finite decimal number, such as "-1.5" or "2e3", with or without white space around.
// What only programming languages write, such as 1_000 or 0x1p3, is no number.
func ParseNumber(text string) (float64, error) {
	number, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) || strings.ContainsAny(text, "_xX") {
		return 0, fmt.Errorf("%.40q: expected a finite number", text)
	}
	return number, nil
}

// missingNumbers are texts that stand for a missing number, in lower case: those of pandas and R, and UCI's question
// mark.
var missingNumbers = []string{"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?"}

// MissingNumber reports whether a text stands for a missing number in a column of numbers.
func MissingNumber(text string) bool {
	return slices.Contains(missingNumbers, strings.ToLower(strings.TrimSpace(text)))
}

// any returns the cell in the form that it has. pandas writes a missing number as NaN.
func (c cell) any() (v Value, err error) {
	kind := Number
	switch c.form {
	case textForm, binaryForm:
		kind = Text
	case boolForm:
		kind = Bool
	case listForm:
		kind = Numbers
	}
	if kind == Number && math.IsNaN(c.number) {
		return Value{Null: true}, nil
	}
	v, err = c.value(kind)
	v.Kind = kind
	return v, err
}

func textValue(text []byte) (Value, error) {
	if !utf8.Valid(text) {
		return Value{}, errors.New("is not UTF-8 text")
	}
	return Value{Text: string(text)}, nil
}

// image returns bytes where there are some, else the path.
func (c cell) image() (Value, error) {
	switch {
	case c.form == textForm:
		return textValue(c.bytes)
	case c.form == pictureForm && len(c.bytes) == 0:
		return textValue(c.path)
	}
	return Value{Bytes: c.bytes}, nil
}

func (c cell) integer() string {
	if c.signed {
		return strconv.FormatInt(int64(c.digits), 10)
	}
	return strconv.FormatUint(c.digits, 10)
}

// typeName names the type of a cell of a file whose columns have none.
func (c cell) typeName() string {
	switch c.form {
	case integerForm:
		return "the number " + c.integer()
	case realForm:
		return fmt.Sprintf("the number %v", c.number)
	case textForm:
		return fmt.Sprintf("the text %.40q", c.bytes)
	case boolForm:
		return strconv.FormatBool(c.truth)
	case listForm:
		return "a list of numbers"
	}
	return c.name
}

// parse reads the text of a CSV file.
func (c cell) parse(kind Kind) (Value, error) {
	switch kind {
	case Number:
		number, err := ParseNumber(string(c.bytes))
		if err != nil {
			return Value{}, fmt.Errorf("is %w", err)
		}
		return Value{Number: number}, nil
	case Scalar:
		value, err := textValue(c.bytes)
		value.Null = len(c.bytes) == 0
		return value, err
	case Any:
		value, err := textValue(c.bytes)
		value.Kind = Scalar
		return value, err
	case Text, Key, Image:
		return textValue(c.bytes)
	case Numbers:
		list, ok := jsonNumbers(c.bytes)
		if !ok {
			return Value{}, fmt.Errorf("is %.40q: expected a list of numbers, such as [0.5, 1]", c.bytes)
		}
		return Value{List: list}, nil
	}
	return Value{}, fmt.Errorf("is %.40q: expected %s", c.bytes, kind)
}
