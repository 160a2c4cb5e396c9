package kernels

// window slides taps over images: output (r, c) sums the taps at the rows first[0] + r·step[0] + i and the columns
// first[1] + c·step[1] + j of the input, and lies at outFirst + (r, c)·outStep of the result.
type window struct {
	in          [2]int // size of the input images
	inChannels  int
	first, step [2]int
	taps        [2]int

	out               [2]int // number of outputs
	outSize           [2]int // size of the result's images
	outFirst, outStep [2]int
	outChannels       int
	weights           []block
}

// slide computes results from images with windows that together cover them, image by image.
func slide(batch int, results, images []float32, windows []window) {
	first := windows[0]
	inSize := first.in[0] * first.in[1] * first.inChannels
	outSize := first.outSize[0] * first.outSize[1] * first.outChannels
	frame := frameOf(windows)
	inParallel(batch, func(i int) {
		padded := images[i*inSize:][:inSize]
		if frame.size != frame.in {
			padded = frame.fill(padded)
			defer frame.release(padded)
		}
		for k := range windows {
			windows[k].slide(results[i*outSize:][:outSize], padded, frame)
		}
	})
}

// slide computes the outputs of one image, row by row.
func (w *window) slide(result, padded []float32, frame frame) {
	p := panel{
		rows: w.taps[0], cols: w.taps[1] * w.inChannels, xNext: 1, // the taps of a row are neighbours in memory
		xRow: frame.size[1] * w.inChannels, xStep: w.step[1] * w.inChannels, yStep: w.outStep[1] * w.outChannels,
	}
	if p.rows*p.cols == 0 { // no output meets a tap
		w.clear(result)
		return
	}
	for _, b := range w.weights {
		p.wNext, p.wRow = b.lanes, p.cols*b.lanes
		for r := range w.out[0] {
			from := (w.first[0]+r*w.step[0]+frame.before[0])*p.xRow + (w.first[1]+frame.before[1])*w.inChannels
			to := ((w.outFirst[0]+r*w.outStep[0])*w.outSize[1]+w.outFirst[1])*w.outChannels + b.channel
			tiles(w.out[1], func(c, points int) { p.part(result[to+c*p.yStep:], padded[from+c*p.xStep:], b, points) })
		}
	}
}

// clear zeroes the outputs of one image.
func (w *window) clear(result []float32) {
	for r := range w.out[0] {
		for c := range w.out[1] {
			at := (w.outFirst[0]+r*w.outStep[0])*w.outSize[1] + w.outFirst[1] + c*w.outStep[1]
			clear(result[at*w.outChannels:][:w.outChannels])
		}
	}
}

// block is the part of a kernel that leads to some output channels: values [taps, lanes], zeros beyond the used lanes.
type block struct {
	channel, used, lanes int // first channel, channels, width of values
	values               []float32
}

// blocks cuts a kernel into blocks; pack writes the weights of a tap that lead to the channels from out on.
func blocks(taps, channels int, pack func(into []float32, tap, out int)) []block {
	var all []block
	for channel := 0; channel < channels; {
		lanes := wideLanes
		if channels-channel <= narrowLanes {
			lanes = narrowLanes
		}
		b := block{channel: channel, used: min(lanes, channels-channel), lanes: lanes, values: make([]float32, taps*lanes)}
		for tap := range taps {
			pack(b.values[tap*lanes:][:b.used], tap, channel)
		}
		all = append(all, b)
		channel += lanes
	}
	return all
}
