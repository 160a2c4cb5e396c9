// Package models holds the neural networks of the benchmarks as GoMLX graph functions: an encoder maps inputs to a
// feature z and [Linear] is the regressor on z.
//
// Every function takes the scope of its parameters. The same function, called again on the same store, builds another
// graph (training, evaluation, feature extraction) over the same parameters. Whether batch statistics and dropout are
// on is the explicit argument training.
//
// Images are laid out [batch, height, width, channels], convolution kernels [height, width, in, out].
package models
