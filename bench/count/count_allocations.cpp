// To be preloaded: counts every memory allocation, of C++ or C, in the file that ECHOSOCKET_BENCH_COUNT names. Asio's
// recycling allocator calls aligned_alloc and bypasses `operator new`, so counting that is not enough.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

std::uint64_t uncounted = 0;
std::uint64_t* asked = &uncounted;

void count() noexcept {
    std::atomic_ref(*asked).fetch_add(1, std::memory_order_relaxed);
}

/// From here on the file has the count, for other processes to read.
__attribute__((constructor)) void share_count() {
    const char* path = std::getenv("ECHOSOCKET_BENCH_COUNT");
    const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return;
    if (::ftruncate(file, sizeof *asked) == 0) {
        void* memory = ::mmap(nullptr, sizeof *asked, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (memory != MAP_FAILED) asked = static_cast<std::uint64_t*>(memory);
    }
    ::close(file);
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
    count();
    return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
    count();
    return __libc_calloc(number, size);
}

void* realloc(void* memory, std::size_t size) {
    count();
    return __libc_realloc(memory, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    count();
    *out = __libc_memalign(alignment, size);
    return *out == nullptr ? ENOMEM : 0;
}

}  // extern "C"
