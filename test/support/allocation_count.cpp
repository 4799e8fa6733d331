#include "support/allocation_count.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#include <sanitizer/allocator_interface.h>
#define OPERATOR_NEW_IS_THE_SANITIZERS
#endif
#endif

namespace {

thread_local std::size_t allocations = 0;
thread_local std::size_t held = 0;  // bytes; does not count memory that another thread frees
thread_local std::size_t most_held = 0;
thread_local std::size_t largest_piece = 0;

void took(std::size_t size) noexcept {
    ++allocations;
    held += size;
    most_held = std::max(most_held, held);
    largest_piece = std::max(largest_piece, size);
}

void gave_back(std::size_t size) noexcept {
    held -= std::min(held, size);
}

}  // namespace

namespace echosocket::test {

std::size_t allocation_count() noexcept {
    return allocations;
}

allocation_watch::allocation_watch() noexcept : held_before_(held) {
    most_held = held;
    largest_piece = 0;
}

std::size_t allocation_watch::peak() const noexcept {
    return most_held - std::min(most_held, held_before_);
}

std::size_t allocation_watch::largest() const noexcept {
    return largest_piece;
}

}  // namespace echosocket::test

#ifdef OPERATOR_NEW_IS_THE_SANITIZERS

namespace {

// Clang's ThreadSanitizer has an `operator new` of its own that cannot be replaced, but it reports each use.
void on_malloc(const volatile void*, std::size_t size) {
    took(size);
}

void on_free(const volatile void* memory) {
    if (memory != nullptr) gave_back(__sanitizer_get_allocated_size(const_cast<const void*>(memory)));
}

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);

}  // namespace

#else

namespace {

void* counted(void* memory) {
    if (memory == nullptr) throw std::bad_alloc();
    took(::malloc_usable_size(memory));
    return memory;
}

void give_back(void* memory) noexcept {
    if (memory == nullptr) return;
    gave_back(::malloc_usable_size(memory));
    std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
    return counted(std::malloc(size == 0 ? 1 : size));
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto unit = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}

void operator delete(void* memory) noexcept {
    give_back(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    give_back(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept {
    give_back(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    give_back(memory);
}

#endif
