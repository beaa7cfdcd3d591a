// Written by make_list.sh: the files of families/, as they are.
#include "families.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char family_albert[] = {
#embed "families/albert.yaml"
};

static const unsigned char family_bart[] = {
#embed "families/bart.yaml"
};

static const unsigned char family_bert[] = {
#embed "families/bert.yaml"
};

static const unsigned char family_clip[] = {
#embed "families/clip.yaml"
};

static const unsigned char family_clip_both[] = {
#embed "families/clip_both.yaml"
};

static const unsigned char family_clip_vision[] = {
#embed "families/clip_vision.yaml"
};

static const unsigned char family_convnext_hf[] = {
#embed "families/convnext_hf.yaml"
};

static const unsigned char family_convnext_timm[] = {
#embed "families/convnext_timm.yaml"
};

static const unsigned char family_convnext_torchvision[] = {
#embed "families/convnext_torchvision.yaml"
};

static const unsigned char family_crepe[] = {
#embed "families/crepe.yaml"
};

static const unsigned char family_deberta[] = {
#embed "families/deberta.yaml"
};

static const unsigned char family_deberta_v2[] = {
#embed "families/deberta_v2.yaml"
};

static const unsigned char family_densenet[] = {
#embed "families/densenet.yaml"
};

static const unsigned char family_distilbert[] = {
#embed "families/distilbert.yaml"
};

static const unsigned char family_efficientnet[] = {
#embed "families/efficientnet.yaml"
};

static const unsigned char family_gemma2[] = {
#embed "families/gemma2.yaml"
};

static const unsigned char family_googlenet[] = {
#embed "families/googlenet.yaml"
};

static const unsigned char family_gpt2[] = {
#embed "families/gpt2.yaml"
};

static const unsigned char family_gpt_neox[] = {
#embed "families/gpt_neox.yaml"
};

static const unsigned char family_inception_v3[] = {
#embed "families/inception_v3.yaml"
};

static const unsigned char family_llama[] = {
#embed "families/llama.yaml"
};

static const unsigned char family_mamba[] = {
#embed "families/mamba.yaml"
};

static const unsigned char family_mixer[] = {
#embed "families/mixer.yaml"
};

static const unsigned char family_mixtral[] = {
#embed "families/mixtral.yaml"
};

static const unsigned char family_mnasnet[] = {
#embed "families/mnasnet.yaml"
};

static const unsigned char family_mobilenet_v2[] = {
#embed "families/mobilenet_v2.yaml"
};

static const unsigned char family_mobilenet_v3[] = {
#embed "families/mobilenet_v3.yaml"
};

static const unsigned char family_mpnet[] = {
#embed "families/mpnet.yaml"
};

static const unsigned char family_opt[] = {
#embed "families/opt.yaml"
};

static const unsigned char family_phi[] = {
#embed "families/phi.yaml"
};

static const unsigned char family_regnet[] = {
#embed "families/regnet.yaml"
};

static const unsigned char family_resemblyzer[] = {
#embed "families/resemblyzer.yaml"
};

static const unsigned char family_resmlp[] = {
#embed "families/resmlp.yaml"
};

static const unsigned char family_shufflenet_v2[] = {
#embed "families/shufflenet_v2.yaml"
};

static const unsigned char family_silero_vad[] = {
#embed "families/silero_vad.yaml"
};

static const unsigned char family_silero_vad_script[] = {
#embed "families/silero_vad_script.yaml"
};

static const unsigned char family_squeezenet[] = {
#embed "families/squeezenet.yaml"
};

static const unsigned char family_swin_hf[] = {
#embed "families/swin_hf.yaml"
};

static const unsigned char family_swin_timm[] = {
#embed "families/swin_timm.yaml"
};

static const unsigned char family_swin_torchvision[] = {
#embed "families/swin_torchvision.yaml"
};

static const unsigned char family_t5[] = {
#embed "families/t5.yaml"
};

static const unsigned char family_timm_mobile[] = {
#embed "families/timm_mobile.yaml"
};

static const unsigned char family_timm_regnet[] = {
#embed "families/timm_regnet.yaml"
};

static const unsigned char family_torch_encoder[] = {
#embed "families/torch_encoder.yaml"
};

static const unsigned char family_torch_transformer[] = {
#embed "families/torch_transformer.yaml"
};

static const unsigned char family_vit_hf[] = {
#embed "families/vit_hf.yaml"
};

static const unsigned char family_vit_timm[] = {
#embed "families/vit_timm.yaml"
};

static const unsigned char family_vit_torchvision[] = {
#embed "families/vit_torchvision.yaml"
};

static const unsigned char family_wav2vec2[] = {
#embed "families/wav2vec2.yaml"
};

static const unsigned char family_whisper[] = {
#embed "families/whisper.yaml"
};

static const struct wsl_family_text texts[] = {
    {"albert.yaml", family_albert, sizeof family_albert},
    {"bart.yaml", family_bart, sizeof family_bart},
    {"bert.yaml", family_bert, sizeof family_bert},
    {"clip.yaml", family_clip, sizeof family_clip},
    {"clip_both.yaml", family_clip_both, sizeof family_clip_both},
    {"clip_vision.yaml", family_clip_vision, sizeof family_clip_vision},
    {"convnext_hf.yaml", family_convnext_hf, sizeof family_convnext_hf},
    {"convnext_timm.yaml", family_convnext_timm, sizeof family_convnext_timm},
    {"convnext_torchvision.yaml", family_convnext_torchvision, sizeof family_convnext_torchvision},
    {"crepe.yaml", family_crepe, sizeof family_crepe},
    {"deberta.yaml", family_deberta, sizeof family_deberta},
    {"deberta_v2.yaml", family_deberta_v2, sizeof family_deberta_v2},
    {"densenet.yaml", family_densenet, sizeof family_densenet},
    {"distilbert.yaml", family_distilbert, sizeof family_distilbert},
    {"efficientnet.yaml", family_efficientnet, sizeof family_efficientnet},
    {"gemma2.yaml", family_gemma2, sizeof family_gemma2},
    {"googlenet.yaml", family_googlenet, sizeof family_googlenet},
    {"gpt2.yaml", family_gpt2, sizeof family_gpt2},
    {"gpt_neox.yaml", family_gpt_neox, sizeof family_gpt_neox},
    {"inception_v3.yaml", family_inception_v3, sizeof family_inception_v3},
    {"llama.yaml", family_llama, sizeof family_llama},
    {"mamba.yaml", family_mamba, sizeof family_mamba},
    {"mixer.yaml", family_mixer, sizeof family_mixer},
    {"mixtral.yaml", family_mixtral, sizeof family_mixtral},
    {"mnasnet.yaml", family_mnasnet, sizeof family_mnasnet},
    {"mobilenet_v2.yaml", family_mobilenet_v2, sizeof family_mobilenet_v2},
    {"mobilenet_v3.yaml", family_mobilenet_v3, sizeof family_mobilenet_v3},
    {"mpnet.yaml", family_mpnet, sizeof family_mpnet},
    {"opt.yaml", family_opt, sizeof family_opt},
    {"phi.yaml", family_phi, sizeof family_phi},
    {"regnet.yaml", family_regnet, sizeof family_regnet},
    {"resemblyzer.yaml", family_resemblyzer, sizeof family_resemblyzer},
    {"resmlp.yaml", family_resmlp, sizeof family_resmlp},
    {"shufflenet_v2.yaml", family_shufflenet_v2, sizeof family_shufflenet_v2},
    {"silero_vad.yaml", family_silero_vad, sizeof family_silero_vad},
    {"silero_vad_script.yaml", family_silero_vad_script, sizeof family_silero_vad_script},
    {"squeezenet.yaml", family_squeezenet, sizeof family_squeezenet},
    {"swin_hf.yaml", family_swin_hf, sizeof family_swin_hf},
    {"swin_timm.yaml", family_swin_timm, sizeof family_swin_timm},
    {"swin_torchvision.yaml", family_swin_torchvision, sizeof family_swin_torchvision},
    {"t5.yaml", family_t5, sizeof family_t5},
    {"timm_mobile.yaml", family_timm_mobile, sizeof family_timm_mobile},
    {"timm_regnet.yaml", family_timm_regnet, sizeof family_timm_regnet},
    {"torch_encoder.yaml", family_torch_encoder, sizeof family_torch_encoder},
    {"torch_transformer.yaml", family_torch_transformer, sizeof family_torch_transformer},
    {"vit_hf.yaml", family_vit_hf, sizeof family_vit_hf},
    {"vit_timm.yaml", family_vit_timm, sizeof family_vit_timm},
    {"vit_torchvision.yaml", family_vit_torchvision, sizeof family_vit_torchvision},
    {"wav2vec2.yaml", family_wav2vec2, sizeof family_wav2vec2},
    {"whisper.yaml", family_whisper, sizeof family_whisper},
};

int wsl_family_count(void) { return sizeof texts / sizeof texts[0]; }

struct wsl_family_text wsl_family(int index) { return texts[index]; }
