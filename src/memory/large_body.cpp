#include "memory/large_body.hpp"

#include <sys/mman.h>
#include <cstdint>

namespace echosocket::net {

namespace {

// Large pages of x86-64 and most others; a multiple of every smaller page size in use.
constexpr std::uintptr_t large_page = 2 * 1024 * 1024;
constexpr std::uintptr_t page = 64 * 1024;
// Of a body that is being sent, so many bytes at a time go back.
constexpr std::size_t give_back_step = 512 * 1024;

struct page_range {
    std::uintptr_t begin;
    std::uintptr_t end;
    [[nodiscard]] void* data() const noexcept { return reinterpret_cast<void*>(begin); }
    [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

/// The whole pages of size `page_size` between two bytes of `body`.
page_range pages_of(const std::string& body, std::size_t begin, std::size_t end, std::uintptr_t page_size) noexcept {
    const auto start = reinterpret_cast<std::uintptr_t>(body.data());
    const auto first = (start + begin + page_size - 1) & ~(page_size - 1);
    const auto last = (start + end) & ~(page_size - 1);
    return {first, last > first ? last : first};
}

}  // namespace

void will_be_filled(std::string& body) noexcept {
    const auto pages = pages_of(body, body.size(), body.capacity(), large_page);
    if (pages.size() != 0) (void)::madvise(pages.data(), pages.size(), MADV_HUGEPAGE);
}

void was_filled(std::string& body) noexcept {
    const auto pages = pages_of(body, body.size() + 1, body.capacity(), page);
    if (pages.size() != 0) (void)::madvise(pages.data(), pages.size(), MADV_DONTNEED);
}

void large_body::sent_up_to(std::size_t end) noexcept {
    if (others_ || end - given_back_ < give_back_step) return;
    const auto pages = pages_of(own_, given_back_, end, page);
    if (pages.size() == 0) return;
    (void)::madvise(pages.data(), pages.size(), MADV_DONTNEED);
    given_back_ = pages.end - reinterpret_cast<std::uintptr_t>(own_.data());
}

}  // namespace echosocket::net
