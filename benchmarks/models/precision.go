package models

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// PrecisionParam names the root parameter of a store, a string, that says in what type the heavy part of a network is computed:
// convolutions, what lies between them, and the products of an LSTM. "bfloat16", or float32 when not set.
//
// Parameters, the statistics of batch normalisation, features, predictions and everything after them are float32 all the same
// (Micikevicius et al. 2018, "Mixed Precision Training"; the range of bfloat16 needs no scaling of the loss).
const PrecisionParam = "precision"

// BFloat16 is the value of [PrecisionParam] for half precision.
const BFloat16 = "bfloat16"

// computed converts inputs of a heavy operation to the type in which it is computed.
func computed(scope *model.Scope, x *Node) *Node {
	if model.GetRootParamOr(scope.Store(), PrecisionParam, "") == BFloat16 {
		return graph.ConvertDType(x, dtypes.BFloat16)
	}
	return x
}

func float32Of(x *Node) *Node { return graph.ConvertDType(x, dtypes.Float32) }
