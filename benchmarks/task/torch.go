package task

import "github.com/dirbench/dirbench/benchmarks/models"

// Importer is a task whose network has an official PyTorch form.
type Importer interface {
	// TorchNames returns the names of the parameters of encoder and regressor in the official checkpoints, none where the
	// network is not the official one.
	TorchNames() (encoder, regressor models.TorchNames)
}

// TorchNames are those of the official age networks.
func (t *imageTask) TorchNames() (encoder, regressor models.TorchNames) {
	if t.model.Encoder != "resnet50" {
		return nil, nil
	}
	return models.ResNet50Names(), models.LinearNames().In("linear.", "")
}

// TorchNames are those of the official STS-B-DIR network, without its word vectors: these come from the file of word vectors,
// since the order of its vocabulary is not in the checkpoint.
func (t *pairTask) TorchNames() (encoder, regressor models.TorchNames) {
	if !t.model.Pretrained {
		return nil, nil
	}
	encoder = models.BiLSTMNames(t.model.Layers).In("pair_encoder._phrase_layer._module.", "lstm")
	return encoder, models.LinearNames().In("sts-b_pred_layer.", "")
}

// TorchNames are those of the official NYUD2-DIR network.
func (t *depthTask) TorchNames() (encoder, regressor models.TorchNames) {
	if t.model.Encoder != "resnet50" {
		return nil, nil
	}
	encoder, feature, head := models.DepthNames()
	return encoder, models.JoinTorchNames(feature, head)
}
