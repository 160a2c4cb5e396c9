//go:build amd64 && goexperiment.simd

package kernels

import "simd/archsimd"

// earlier has, for each of eight lanes, all bits where the lane comes before it.
var earlier = func() (masks [8][8]int32) {
	for i := range masks {
		for lane := range i {
			masks[i][lane] = -1
		}
	}
	return masks
}()

// countAhead is aheadFrom for all values, of which there is room for a multiple of eight.
func countAhead(ahead []int32, values []float32, n int) {
	end := whole(len(values))
	for i := 0; i < end; i += 8 {
		own, count := load8(&values[i], 0), archsimd.BroadcastInt32x8(0)
		for _, v := range values[:i] {
			count = count.Sub(spreadValue(v).Greater(own).ToInt32x8())
		}
		for k, v := range values[i:min(i+8, n)] {
			v := spreadValue(v)
			later := v.GreaterEqual(own).ToInt32x8().And(archsimd.LoadInt32x8Array(&earlier[k]))
			count = count.Sub(v.Greater(own).ToInt32x8().Or(later))
		}
		for _, v := range values[min(i+8, n):n] {
			count = count.Sub(spreadValue(v).GreaterEqual(own).ToInt32x8())
		}
		count.StoreArray((*[8]int32)(ahead[i:]))
	}
	aheadFrom(end, ahead, values, n)
}
