package models

import "fmt"

// BiLSTMNames are the parameters of a bidirectional torch.nn.LSTM (weight_ih_l0, weight_ih_l0_reverse, bias_hh_l1, ...), for the
// scope of [BiLSTM].
func BiLSTMNames(layers int) TorchNames {
	n := TorchNames{}
	for layer := range layers {
		for _, p := range []struct {
			torch, name string
			layout      torchLayout
		}{
			{"weight_ih", "input_weight", torchMatrix}, {"weight_hh", "hidden_weight", torchMatrix},
			{"bias_ih", "input_bias", torchVector}, {"bias_hh", "hidden_bias", torchVector},
		} {
			p.layout.both = true
			target := TorchTarget{Path: fmt.Sprintf("layer%d/%s", layer+1, p.name), layout: p.layout}
			name := fmt.Sprintf("%s_l%d", p.torch, layer)
			n[name] = target
			target.reverse = true
			n[name+"_reverse"] = target
		}
	}
	return n
}
