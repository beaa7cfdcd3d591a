"""Models of sound of Hugging Face."""
import dataclasses

import numpy
import torch
import transformers as hf
from cases import Case, case, hidden, spread
from text import add


def whisper(kind=hf.WhisperModel, **changes):
    settings = dict(vocab_size=61, d_model=16, encoder_layers=2, decoder_layers=2,
                    encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=24,
                    decoder_ffn_dim=24, num_mel_bins=6, max_source_positions=10,
                    max_target_positions=12, pad_token_id=0, bos_token_id=0, eos_token_id=0,
                    decoder_start_token_id=0, num_labels=3, classifier_proj_size=8)
    settings.update(changes)
    return spread(kind(hf.WhisperConfig(**settings)))


def frames(steps, bands, seed=5):
    return numpy.random.default_rng(seed).standard_normal((steps, bands)).astype("float32")


def encoder_run(model, example):
    with torch.no_grad():
        return model(torch.tensor(example).T[None]).last_hidden_state[0].numpy()


def whisper_both(model, example):
    with torch.no_grad():
        return model(input_features=torch.tensor(example).T[None],
                     decoder_input_ids=torch.tensor([[3, 4]]))[0][0].numpy()


def sound_and_text(frames):
    return {"sound": frames, "tokens": numpy.array([3, 4])}


add("whisper_encoder", lambda: Case(
    whisper().get_encoder(), frames(20, 6), encoder_run))
add("whisper_model", lambda: Case(
    whisper(), frames(20, 6), whisper_both, inputs=sound_and_text))
add("whisper_generation", lambda: Case(
    whisper(hf.WhisperForConditionalGeneration), frames(20, 6), whisper_both,
    inputs=sound_and_text))
add("whisper_classifier", lambda: Case(
    whisper(hf.WhisperForAudioClassification), frames(20, 6),
    lambda model, x: model(torch.tensor(x).T[None]).logits[0].detach().numpy()))


def wav2vec2(kind=hf.Wav2Vec2Model, config=hf.Wav2Vec2Config, pick=hidden, **changes):
    settings = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
                    intermediate_size=24, conv_dim=(8, 8, 8), conv_kernel=(6, 3, 3),
                    conv_stride=(3, 2, 2), num_feat_extract_layers=3, num_conv_pos_embeddings=4,
                    num_conv_pos_embedding_groups=2, vocab_size=13, mask_time_prob=0.0)
    settings.update(changes)

    def run(model, example):
        with torch.no_grad():
            return pick(model(torch.tensor(example).T))[0].numpy()
    return Case(spread(kind(config(**settings))), frames(200, 1), run, runs=False,
                note="the convolution over positions is not run")


add("wav2vec2_model", wav2vec2)
add("wav2vec2_large_like", lambda: wav2vec2(
    feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True))
add("wav2vec2_ctc", lambda: wav2vec2(hf.Wav2Vec2ForCTC, pick=lambda result: result.logits))
add("hubert_model", lambda: wav2vec2(hf.HubertModel, hf.HubertConfig))
