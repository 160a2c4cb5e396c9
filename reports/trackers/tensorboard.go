package trackers

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/dirbench/dirbench/runner/store"
)

// TensorBoard writes an event file for each run, in FOLDER/SUITE/BENCHMARK/METHOD/seed=N/HASH: scalars, and for the
// HParams page the run's settings, with the seeds of a configuration as one group.
func TensorBoard(folder string, runs []store.Run) error {
	for _, run := range runs {
		t, err := track(run)
		if err != nil {
			return err
		}
		m := run.Manifest
		dir := store.RunDir(folder, m.Suite, m.Benchmark, m.Method, m.Seed, m.Hash)
		path := filepath.Join(dir, fmt.Sprintf("events.out.tfevents.%d.dirbench", t.start.Unix()))
		events, err := t.events()
		if err != nil {
			return err
		}
		if err := store.WriteFile(path, func(w io.Writer) error { _, err := w.Write(events); return err }); err != nil {
			return err
		}
	}
	return nil
}

// events returns the content of an event file: messages Event of TensorFlow's event.proto, as records.
func (t tracked) events() ([]byte, error) {
	group, err := t.ConfigHash()
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	writeRecord(&file, event(t.start, 0, 3, []byte("brain.Event:2"))) // file_version
	writeRecord(&file, event(t.start, 0, 5, hparams("_hparams_/session_start_info", 3, t.sessionStart(group))))
	for _, s := range t.series {
		for _, p := range s.points {
			writeRecord(&file, event(p.at, p.step, 5, scalar(s.name, p.value)))
		}
	}
	writeRecord(&file, event(t.end, 0, 5, hparams("_hparams_/session_end_info", 4, t.sessionEnd())))
	return file.Bytes(), nil
}

// castagnoli is the polynomial of the checksums of records.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writeRecord writes a TFRecord: its length and the checksum of that, its bytes and the checksum of them, all in little
// endian.
func writeRecord(w *bytes.Buffer, data []byte) {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	w.Write(length)
	w.Write(binary.LittleEndian.AppendUint32(nil, maskedCRC(length)))
	w.Write(data)
	w.Write(binary.LittleEndian.AppendUint32(nil, maskedCRC(data)))
}

// maskedCRC is a CRC-32C, rotated and moved as TFRecord has it.
func maskedCRC(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// The messages below are those of TensorBoard's event.proto, summary.proto and the HParams plugin's plugin_data.proto,
// field by field.

// event is a message Event: wall time, step, and one of its contents by its field.
func event(at time.Time, step int, field protowire.Number, content []byte) []byte {
	b := double(nil, 1, float64(at.UnixNano())/1e9)
	if step > 0 {
		b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(step))
	}
	return message(b, field, content)
}

// scalar is a Summary with one value.
func scalar(tag string, value float64) []byte {
	v := message(nil, 1, []byte(tag))
	v = protowire.AppendTag(v, 2, protowire.Fixed32Type)
	v = protowire.AppendFixed32(v, math.Float32bits(float32(value)))
	return message(nil, 1, v)
}

// hparams is a Summary for the HParams plugin: its data in the metadata of a value that is an empty tensor.
func hparams(tag string, field protowire.Number, content []byte) []byte {
	data := message(nil, field, content) // HParamsPluginData, whose version is 0
	metadata := message(nil, 1, message(message(nil, 1, []byte("hparams")), 2, data))
	tensor := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1)    // float
	dimension := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1) // of one
	tensor = message(tensor, 2, message(nil, 2, dimension))                                   // shape
	tensor = message(tensor, 5, protowire.AppendFixed32(nil, 0))                              // its value
	return message(nil, 1, message(message(message(nil, 1, []byte(tag)), 8, tensor), 9, metadata))
}

// sessionStart is a SessionStartInfo: the settings, numbers as numbers, the group and the start.
func (t tracked) sessionStart(group string) []byte {
	var b []byte
	for _, name := range slices.Sorted(maps.Keys(t.settings)) {
		entry := message(message(nil, 1, []byte(name)), 2, jsonValue(t.settings[name]))
		b = message(b, 1, entry)
	}
	b = message(b, 4, []byte(t.Manifest.Method+" "+group))
	return double(b, 5, float64(t.start.UnixNano())/1e9)
}

// sessionEnd is a SessionEndInfo: success, failure or running, and the end.
func (t tracked) sessionEnd() []byte {
	status := uint64(2)
	switch t.Status.State {
	case store.Done:
		status = 1
	case store.Running:
		status = 3
	}
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), status)
	return double(b, 2, float64(t.end.UnixNano())/1e9)
}

// jsonValue is a google.protobuf.Value: a number, a truth value or text.
func jsonValue(text string) []byte {
	if number, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(number) && !math.IsInf(number, 0) {
		return double(nil, 2, number)
	}
	if truth, err := strconv.ParseBool(text); err == nil {
		return protowire.AppendVarint(protowire.AppendTag(nil, 4, protowire.VarintType), protowire.EncodeBool(truth))
	}
	return message(nil, 3, []byte(text))
}

// message appends a field of bytes: text, or a message inside another.
func message(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}

func double(b []byte, field protowire.Number, value float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(value))
}
