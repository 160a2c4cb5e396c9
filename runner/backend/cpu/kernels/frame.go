package kernels

import "sync"

// frame is an image with zeros around it, so that windows need not care for its edges.
type frame struct {
	in, before, size [2]int // image, zeros before it, whole
	channels         int
}

// slack is how many values the kernels may read, and ignore, beyond the end of a frame.
const slack = 4

// frameOf returns the frame that all windows fit in.
func frameOf(windows []window) frame {
	f := frame{in: windows[0].in, channels: windows[0].inChannels}
	var after [2]int
	for _, w := range windows {
		if w.taps[0]*w.taps[1] == 0 {
			continue
		}
		for axis := range 2 {
			end := w.first[axis] + (w.out[axis]-1)*w.step[axis] + w.taps[axis]
			f.before[axis] = max(f.before[axis], -w.first[axis])
			after[axis] = max(after[axis], end-w.in[axis])
		}
	}
	for axis := range 2 {
		f.size[axis] = f.before[axis] + f.in[axis] + after[axis]
	}
	return f
}

var frames sync.Pool // of *[]float32

// fill returns the framed image; release gives it back.
func (f frame) fill(image []float32) []float32 {
	need := f.size[0]*f.size[1]*f.channels + slack
	framed, ok := frames.Get().(*[]float32)
	if !ok || cap(*framed) < need {
		framed = new([]float32)
		*framed = make([]float32, need)
	}
	whole := (*framed)[:need]
	row, at := f.in[1]*f.channels, (f.before[0]*f.size[1]+f.before[1])*f.channels
	clear(whole[:at])
	for r := range f.in[0] {
		end := at + copy(whole[at:], image[r*row:][:row])
		at += f.size[1] * f.channels
		clear(whole[end:min(at, need)])
	}
	clear(whole[min(at, need):])
	return whole
}

func (frame) release(framed []float32) { frames.Put(&framed) }
