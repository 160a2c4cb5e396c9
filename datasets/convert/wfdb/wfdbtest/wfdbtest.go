// Package wfdbtest makes WFDB records for tests.
package wfdbtest

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Leads are the names of PTB-XL's signals.
var Leads = []string{"I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"}

// Encode makes a record of format 16 with constant signals, one of each name: the header and the file of samples.
// Signal i has the value i+1 µV, in steps of 1 µV.
func Encode(name string, rate, seconds int, names []string) (header, samples []byte) {
	frames := rate * seconds
	text := fmt.Sprintf("%s %d %d %d\n", name, len(names), rate, frames)
	for i, signal := range names {
		text += fmt.Sprintf("%s.dat 16 1000.0(0)/mV 16 0 %d %d 0 %s\n", name, i+1, uint16(frames*(i+1)), signal)
	}
	for range frames {
		for i := range names {
			samples = binary.LittleEndian.AppendUint16(samples, uint16(i+1))
		}
	}
	return []byte(text), samples
}

// WritePTBXL makes PTB-XL's folder with the 12 leads of each row's record. A row is "id,age,fold".
func WritePTBXL(dir string, rate int, rows ...string) error {
	table := "ecg_id,patient_id,age,strat_fold,filename_lr,filename_hr\n"
	for i, row := range rows {
		cells := strings.Split(row, ",")
		record := map[int]string{}
		for r, suffix := range map[int]string{100: "lr", 500: "hr"} {
			record[r] = fmt.Sprintf("records%d/00000/%05d_%s", r, i+1, suffix)
		}
		table += fmt.Sprintf("%s,%d.0,%s,%s,%s,%s\n", cells[0], i, cells[1], cells[2], record[100], record[500])
		path := filepath.Join(dir, filepath.FromSlash(record[rate]))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		header, samples := Encode(filepath.Base(path), rate, 10, Leads)
		if err := os.WriteFile(path+".hea", header, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(path+".dat", samples, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "ptbxl_database.csv"), []byte(table), 0o644)
}
