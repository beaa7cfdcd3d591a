"""Encoders of texts, encoders with decoders, further language models of Hugging Face."""
import dataclasses

import torch
import transformers as hf
from cases import Case, case, hidden, ids_run, spread, tokens
from language import V, llama


def encoder(kind, config, run=None, **changes):
    settings = dict(
        vocab_size=V, hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=24, max_position_embeddings=40, num_labels=3)
    settings.update(changes)
    return Case(spread(kind(config(**settings))), tokens(V), run or ids_run())


def start(result):
    return result.start_logits


def add(name, make, **fields):
    """Registers a case that a function makes, with fields changed."""
    def function():
        return dataclasses.replace(make(), **fields)
    function.__name__ = name
    case(function)


BODY = ids_run(hidden)
for label, stem, config, kinds in [
    ("bert", "Bert", hf.BertConfig,
     ["Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification",
      "ForTokenClassification", "ForQuestionAnswering", "LMHeadModel", "ForNextSentencePrediction"]),
    ("roberta", "Roberta", hf.RobertaConfig,
     ["Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification"]),
    ("xlm_roberta", "XLMRoberta", hf.XLMRobertaConfig, ["Model", "ForSequenceClassification"]),
    ("camembert", "Camembert", hf.CamembertConfig, ["ForMaskedLM"]),
    ("electra", "Electra", hf.ElectraConfig,
     ["Model", "ForPreTraining", "ForMaskedLM", "ForSequenceClassification"]),
    ("albert", "Albert", hf.AlbertConfig,
     ["Model", "ForMaskedLM", "ForPreTraining", "ForSequenceClassification"]),
    ("mpnet", "MPNet", hf.MPNetConfig, ["Model", "ForMaskedLM", "ForSequenceClassification"]),
]:
    for kind in kinds:
        run = {"Model": BODY, "ForQuestionAnswering": None}.get(kind, ids_run())
        if kind == "ForPreTraining" and label in ("bert", "albert"):
            run = ids_run(lambda result: result.prediction_logits)
        if kind == "ForPreTraining" and label == "electra":
            run = ids_run(lambda result: result.logits[..., None])
        if kind == "ForQuestionAnswering":
            run = ids_run(lambda result: torch.stack([result.start_logits, result.end_logits], -1))
        changes = {"embedding_size": 12} if label in ("electra", "albert") else {}
        if kind == "ForQuestionAnswering":
            changes["num_labels"] = 2
        if kind == "LMHeadModel":
            changes["is_decoder"] = True
        word = "".join("_" + c.lower() if c.isupper() else c for c in kind).strip("_")
        add(f"{label}_{word}",
            lambda stem=stem, kind=kind, config=config, run=run, changes=changes:
            encoder(getattr(hf, stem + kind), config, run, **changes))

add("bert_without_pooler", lambda: Case(
    spread(hf.BertModel(hf.BertConfig(
        vocab_size=V, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=24, max_position_embeddings=40, hidden_act="relu"),
        add_pooling_layer=False)), tokens(V), BODY))
add("minilm", lambda: encoder(hf.BertModel, hf.BertConfig, BODY, num_hidden_layers=3))
add("bert_half", lambda: encoder(hf.BertForMaskedLM, hf.BertConfig), dtype=torch.float16)
add("bert_bin", lambda: encoder(hf.BertModel, hf.BertConfig, BODY), save="bin")
add("bert_sharded", lambda: encoder(hf.BertForMaskedLM, hf.BertConfig), save="sharded")
add("bert_wrapped_torch_no_config", lambda: encoder(hf.BertModel, hf.BertConfig, BODY),
    save="torch", prefix="module.bert.", runs=False, note="no config.json: heads not known")
add("albert_two_groups", lambda: encoder(
    hf.AlbertModel, hf.AlbertConfig, BODY, embedding_size=12, num_hidden_layers=4,
    num_hidden_groups=2))
add("electra_same_width", lambda: encoder(
    hf.ElectraModel, hf.ElectraConfig, BODY, embedding_size=16))


def distilbert(kind, run=ids_run(), **changes):
    settings = dict(vocab_size=V, dim=16, n_layers=2, n_heads=4, hidden_dim=24,
                    max_position_embeddings=40, num_labels=3)
    settings.update(changes)
    return Case(spread(kind(hf.DistilBertConfig(**settings))), tokens(V), run)


add("distilbert_model", lambda: distilbert(hf.DistilBertModel, BODY))
add("distilbert_masked", lambda: distilbert(hf.DistilBertForMaskedLM))
add("distilbert_classifier", lambda: distilbert(hf.DistilBertForSequenceClassification))
add("distilbert_tokens", lambda: distilbert(hf.DistilBertForTokenClassification))
add("distilbert_sinusoidal", lambda: distilbert(
    hf.DistilBertModel, BODY, sinusoidal_pos_embds=True))


def deberta(kind, config, **changes):
    result = encoder(kind, config, BODY, relative_attention=True, position_biased_input=False,
                     pos_att_type=["p2c", "c2p"], **changes)
    return dataclasses.replace(result, runs=False, note="disentangled attention is not run")


add("deberta_model", lambda: deberta(hf.DebertaModel, hf.DebertaConfig))
add("deberta_v2_model", lambda: deberta(
    hf.DebertaV2Model, hf.DebertaV2Config, position_buckets=8, share_att_key=True,
    norm_rel_ebd="layer_norm"))


def neox(kind=hf.GPTNeoXForCausalLM, run=ids_run(), **changes):
    settings = dict(vocab_size=V, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                    intermediate_size=48, max_position_embeddings=64, num_labels=3)
    settings.update(changes)
    return Case(spread(kind(hf.GPTNeoXConfig(**settings))), tokens(V), run)


add("neox_lm", neox)
add("neox_body", lambda: neox(hf.GPTNeoXModel, BODY))
add("neox_in_turn_full_rotary", lambda: neox(use_parallel_residual=False, rotary_pct=1.0))
add("neox_tied", lambda: neox(tie_word_embeddings=True))
add("neox_classifier", lambda: neox(hf.GPTNeoXForSequenceClassification, pad_token_id=0))


def opt(kind=hf.OPTForCausalLM, run=ids_run(), **changes):
    settings = dict(vocab_size=V, hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
                    ffn_dim=24, max_position_embeddings=64, word_embed_proj_dim=16)
    settings.update(changes)
    return Case(spread(kind(hf.OPTConfig(**settings))), tokens(V), run)


add("opt_lm", opt)
add("opt_body", lambda: opt(hf.OPTModel, BODY))
add("opt_350m_like", lambda: opt(do_layer_norm_before=False, word_embed_proj_dim=8))


def phi(**changes):
    settings = dict(vocab_size=V, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                    intermediate_size=48, max_position_embeddings=64)
    settings.update(changes)
    return Case(spread(hf.PhiForCausalLM(hf.PhiConfig(**settings))), tokens(V), ids_run())


add("phi_lm", phi)
add("phi_grouped", lambda: phi(num_key_value_heads=2))


def mixtral(**changes):
    settings = dict(num_local_experts=3, num_experts_per_tok=2, sliding_window=None)
    settings.update(changes)
    return llama(hf.MixtralForCausalLM, hf.MixtralConfig, **settings)


add("mixtral_lm", mixtral)
add("mixtral_four_experts", lambda: mixtral(num_local_experts=4))


def t5(kind, run=BODY, **changes):
    settings = dict(vocab_size=V, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_decoder_layers=2,
                    num_heads=4, relative_attention_num_buckets=8,
                    relative_attention_max_distance=20)
    settings.update(changes)
    return Case(spread(kind(hf.T5Config(**settings))), tokens(V), run)


def both(model, example):
    """Runs an encoder with a decoder, both on the same ids."""
    ids = torch.tensor(example)[None]
    with torch.no_grad():
        return model(input_ids=ids, decoder_input_ids=ids)[0][0].numpy()


def ends(model, example):
    """Where an answer begins and where it ends, for each step."""
    ids = torch.tensor(example)[None]
    with torch.no_grad():
        result = model(input_ids=ids, decoder_input_ids=ids)
    return torch.stack([result.start_logits, result.end_logits], -1)[0].numpy()


def twice(ids):
    """Both texts."""
    return {"tokens": ids, "decoder.tokens": ids}


TWO = dict(run=both, inputs=twice)
add("t5_encoder", lambda: t5(hf.T5EncoderModel))
add("t5_encoder_gated", lambda: t5(hf.T5EncoderModel, feed_forward_proj="gated-gelu"))
add("t5_model", lambda: t5(hf.T5Model), **TWO)
add("t5_generation", lambda: t5(hf.T5ForConditionalGeneration), **TWO)
add("t5_generation_untied_gated", lambda: t5(
    hf.T5ForConditionalGeneration, tie_word_embeddings=False, feed_forward_proj="gated-silu"), **TWO)
add("t5_torch_all_names", lambda: t5(hf.T5Model), save="bin", **TWO)


def bart(kind, config=hf.BartConfig, **changes):
    settings = dict(vocab_size=V, d_model=16, encoder_layers=2, decoder_layers=2,
                    encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=24,
                    decoder_ffn_dim=24, max_position_embeddings=40, num_labels=3)
    settings.update(changes)
    return Case(spread(kind(config(**settings))), tokens(V), both, inputs=twice)


add("bart_model", lambda: bart(hf.BartModel))
add("bart_generation", lambda: bart(hf.BartForConditionalGeneration))
add("mbart_generation", lambda: bart(hf.MBartForConditionalGeneration, hf.MBartConfig))
add("pegasus_generation", lambda: bart(hf.PegasusForConditionalGeneration, hf.PegasusConfig))
add("bart_scaled", lambda: bart(hf.BartForConditionalGeneration, scale_embedding=True))
add("plbart_generation", lambda: bart(hf.PLBartForConditionalGeneration, hf.PLBartConfig))
add("blenderbot_generation", lambda: bart(hf.BlenderbotForConditionalGeneration, hf.BlenderbotConfig))
add("blenderbot_small_generation", lambda: bart(
    hf.BlenderbotSmallForConditionalGeneration, hf.BlenderbotSmallConfig))
add("marian_generation", lambda: bart(
    hf.MarianMTModel, hf.MarianConfig, pad_token_id=0, decoder_start_token_id=0, scale_embedding=True))
add("bart_question_answering", lambda: bart(hf.BartForQuestionAnswering), run=ends)
add("marian_model", lambda: bart(hf.MarianModel, hf.MarianConfig, pad_token_id=0,
                                 decoder_start_token_id=0))


def clip_text():
    return hf.CLIPTextConfig(vocab_size=V, hidden_size=16, intermediate_size=24,
                             num_hidden_layers=2, num_attention_heads=4, projection_dim=8,
                             max_position_embeddings=40, eos_token_id=2, bos_token_id=0)


add("clip_text", lambda: Case(spread(hf.CLIPTextModel(clip_text())), tokens(V), BODY))
add("clip_text_projection", lambda: Case(
    spread(hf.CLIPTextModelWithProjection(clip_text())), tokens(V),
    lambda model, ids: model.text_projection(
        model(input_ids=torch.tensor(ids)[None]).last_hidden_state)[0].detach().numpy()))


# What people's folders look like: a sentence encoder of version 2 has its parts in folders of their own.
add("sentence_encoder_names", lambda: encoder(hf.BertModel, hf.BertConfig, BODY),
    save="safetensors", prefix="0.auto_model.", runs=False, note="no config.json: heads not known",
    options=())
add("bert_lightning_names_stated_heads", lambda: encoder(hf.BertForMaskedLM, hf.BertConfig),
    save="torch", prefix="net.", runs=False, options=("--assume", "heads=4"),
    note="no config.json: the activation is not known")
add("gpt2_torch_no_config", lambda: __import__("language").gpt2(), save="torch",
    options=("--assume", "heads=4"))
add("gpt2_wrapped_no_heads", lambda: __import__("language").gpt2(), save="torch",
    prefix="module.", runs=False, note="no config.json: heads not known")
add("llama_torch_no_config", llama, save="torch", runs=False, options=("--assume", "heads=4"),
    note="no config.json: which kin of Llama it is is not known")
