// Compiles a function for the baseline and for AVX2; the dynamic linker picks one.
// ThreadSanitizer's run time is not ready when the resolvers of clones run.
#if defined(__x86_64__) && !__has_feature(thread_sanitizer)
#define WSL_CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define WSL_CLONES
#endif
