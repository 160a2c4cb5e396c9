package speed

import (
	"os"
	"testing"

	"github.com/dirbench/dirbench/runner/internal/testsuite"
)

func TestMain(m *testing.M) { os.Exit(testsuite.Main(m)) }
