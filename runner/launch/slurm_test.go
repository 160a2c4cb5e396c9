package launch

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func someSlurm() Slurm {
	return Slurm{
		Job: Job{
			Name: "dirbench-ci", Binary: "/opt/dirbench", Suite: "ci", Out: "/scratch/results", Data: "/scratch/data", Tasks: 3,
			Args: []string{"--only", "*/lds/*", "--seeds=0,1"}, GPUs: 1, CPUs: 4, Memory: "16G",
		},
		Dir: "/home/me", Partition: "gpu", Account: "dir", Time: "24:00:00",
	}
}

func TestSlurmScript(t *testing.T) {
	script, err := someSlurm().Script()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "slurm.sh", script)
}

// What is not asked for leaves no line, and without shards there is none.
func TestSlurmScriptDefaults(t *testing.T) {
	s := someSlurm()
	s.Share, s.GPUs, s.Memory, s.Partition, s.Account, s.Time = true, 0, "", "", "", ""
	script, err := s.Script()
	if err != nil {
		t.Fatal(err)
	}
	for _, absent := range []string{"--gres", "--mem", "--partition", "--account", "--time", "--shard"} {
		if strings.Contains(script, absent) {
			t.Errorf("the script has %s", absent)
		}
	}
}

// TestSlurmScriptQuotes runs the script with a program that prints its arguments: whatever they hold, they arrive as
// they are.
func TestSlurmScriptQuotes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	odd := `a b'c"d$HOME` + "`date`" + `;%x#*?[~!&|>(\` + "\nend é"
	dir := filepath.Join(t.TempDir(), strings.ReplaceAll(odd, "\n", " "))
	binary := filepath.Join(dir, "print args")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, []byte("#!/bin/sh\npwd\nprintf '%s\\0' \"$@\"\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := someSlurm()
	s.Suite, s.Out, s.Data, s.Dir, s.Binary = odd+".yaml", `/r b'c"d%x#y`, odd, dir, binary
	s.Args = []string{"--only", odd, "", "-x"}
	script, err := s.Script()
	if err != nil {
		t.Fatal(err)
	}
	task := exec.Command(bash)
	task.Stdin, task.Env = strings.NewReader(script), append(os.Environ(), "SLURM_ARRAY_TASK_ID=2")
	output, err := task.Output()
	if task.ProcessState == nil || task.ProcessState.ExitCode() != 3 {
		t.Fatalf("the script ended with %v, want the program's exit code 3", err)
	}
	want := dir + "\n" + strings.Join([]string{"run", "--suite", odd + ".yaml", "--out", s.Out, "--data", odd,
		"--shard", "2/3", "--only", odd, "", "-x", ""}, "\x00")
	if diff := cmp.Diff(want, string(output)); diff != "" {
		t.Error(diff)
	}
	if log := `#SBATCH --output="/r b'c\"d%%x#y/logs/%x-%A_%a.log"` + "\n"; !strings.Contains(script, log) {
		t.Errorf("no line %s in %s", log, script)
	}
}

func TestSlurmMistakes(t *testing.T) {
	tests := []struct {
		set  func(*Slurm)
		want string
	}{
		{func(s *Slurm) { s.Tasks = 0 }, `--tasks "0": expected at least 1`},
		{func(s *Slurm) { s.GPUs = -1 }, `--gpus "-1": expected 0 or more`},
		{func(s *Slurm) { s.CPUs = 0 }, `--cpus "0": expected at least 1`},
		{func(s *Slurm) { s.Name = "a b" }, `--name "a b": expected letters`},
		{func(s *Slurm) { s.Partition = "gpu\n#SBATCH -x" }, `--partition "gpu\n#SBATCH -x": expected a name`},
		{func(s *Slurm) { s.Account = "-a" }, `--account "-a": expected a name`},
		{func(s *Slurm) { s.Time = "1 day" }, `--time "1 day": expected MINUTES, HH:MM:SS`},
		{func(s *Slurm) { s.Memory = "16Gi" }, `--memory "16Gi": expected a number with K, M, G or T`},
		{func(s *Slurm) { s.Out = "/a\nb" }, `--out "/a\nb": expected a path without`},
		{func(s *Slurm) { s.Out = `/a\b` }, `--out "/a\\b": expected a path without`},
	}
	for _, tt := range tests {
		s := someSlurm()
		tt.set(&s)
		if _, err := s.Script(); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
	for _, ok := range []string{"30", "1:00", "24:00:00", "2-12", "2-00:00:00"} {
		s := someSlurm()
		s.Time = ok
		if _, err := s.Script(); err != nil {
			t.Error(err)
		}
	}
}
