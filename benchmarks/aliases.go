package benchmarks

import "github.com/dirbench/dirbench/benchmarks/task"

// What the runner still takes from here.
type (
	Task        = task.Task
	Reuser      = task.Reuser
	Bucketer    = task.Bucketer
	DenseTask   = task.DenseTask
	Initialiser = task.Initialiser
	Importer    = task.Importer
	Mixer       = task.Mixer
	Recipe      = task.Recipe
	FDS         = task.FDS
	LoadOptions = task.LoadOptions
	InputError  = task.InputError
	Rows        = task.Rows
	Memory      = task.Memory
	TextModel   = task.TextModel
	DepthModel  = task.DepthModel
	ImageModel  = task.ImageModel
	SignalModel = task.SignalModel
)

const (
	PrecisionFloat32   = task.PrecisionFloat32
	SelectVal          = task.SelectVal
	SelectOfficialTest = task.SelectOfficialTest
	StatisticsPass     = task.StatisticsPass
	StatisticsOnline   = task.StatisticsOnline
)

var WithFloats = task.WithFloats
