package launch

import (
	"cmp"
	_ "embed"
	"path/filepath"
	"strings"
	"text/template"
	"unicode"

	"al.essio.dev/pkg/shellescape"
)

// Slurm is an array job, one array task for each task of the job.
type Slurm struct {
	Job
	Dir       string // working directory of the tasks, absolute
	Partition string // empty: the cluster's default
	Account   string // empty: the user's default
	Time      string // limit for a task; empty: the partition's
}

var (
	slurmName   = newForm(`[A-Za-z0-9][A-Za-z0-9._-]*`, "letters, digits, '.', '_' and '-'")
	slurmWord   = newForm(`[A-Za-z0-9_][A-Za-z0-9_.,@:+-]*`, "a name of Slurm")
	slurmTime   = newForm(`(\d+-)?\d+(:\d{1,2}){0,2}`, "MINUTES, HH:MM:SS or DAYS-HH:MM:SS")
	slurmMemory = newForm(`\d+[KMGT]?`, "a number with K, M, G or T, as in 16G")
)

//go:embed slurm.sh.tmpl
var slurmText string

var slurmTemplate = template.Must(template.New("slurm").Funcs(template.FuncMap{"quote": shellescape.Quote}).Parse(
	slurmText))

// LogDir is the folder of the tasks' logs, below the run store. Slurm does not make it, and fails a task that cannot
// open its log.
func (s Slurm) LogDir() string { return filepath.Join(s.Out, "logs") }

// Script returns the array script for sbatch. The error is a mistake in a setting.
func (s Slurm) Script() (string, error) {
	if err := s.check(); err != nil {
		return "", err
	}
	var flags []string
	for _, f := range s.flags(s.Suite, "$SLURM_ARRAY_TASK_ID") {
		value := shellescape.Quote(f.value)
		if f.raw {
			value = `"` + f.value + `"`
		}
		flags = append(flags, f.name+" "+value)
	}
	if len(s.Args) > 0 {
		flags = append(flags, shellescape.QuoteCommand(s.Args))
	}
	var text strings.Builder
	err := slurmTemplate.Execute(&text, struct {
		Slurm
		Last  int
		Log   string
		Flags []string
	}{s, s.Tasks - 1, s.logPattern(), flags})
	return text.String(), err
}

func (s Slurm) check() error {
	return cmp.Or(
		s.Job.check(),
		slurmName.check("--name", s.Name),
		slurmWord.checkOptional("--partition", s.Partition),
		slurmWord.checkOptional("--account", s.Account),
		slurmTime.checkOptional("--time", s.Time),
		slurmMemory.checkOptional("--memory", s.Memory),
		s.checkOut(),
	)
}

// checkOut refuses what cannot be written into the name of a Slurm log: there a backslash turns off %A and %a.
func (s Slurm) checkOut() error {
	bad := func(r rune) bool { return r == '\\' || unicode.IsControl(r) }
	if strings.ContainsFunc(s.Out, bad) {
		return mistake("--out", s.Out, "a path without backslashes and line ends, since Slurm's logs go there")
	}
	return nil
}

// logPattern is the log's name in Slurm's notation, fit for double quotes: job name, number of the array, number of the
// task.
func (s Slurm) logPattern() string {
	return strings.NewReplacer("%", "%%", `"`, `\"`).Replace(s.LogDir()) + "/%x-%A_%a.log"
}
