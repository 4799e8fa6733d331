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
thread_local std::size_t left_to_failure = 0;  // allocations, with the one that fails; 0 if none is to
thread_local echosocket::test::failing_allocation::spared_sizes sizes_that_do_not_fail = {};

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

failing_allocation::failing_allocation(std::size_t nth, spared_sizes spared) noexcept {
    sizes_that_do_not_fail = spared;
    left_to_failure = nth;
}

failing_allocation::~failing_allocation() {
    left_to_failure = 0;
}

bool failing_allocation::happened() const noexcept {
    return left_to_failure == 0;
}

bool failing_allocation::is_possible() noexcept {
#ifdef OPERATOR_NEW_IS_THE_SANITIZERS
    return false;
#else
    return true;
#endif
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

void fail_if_due(std::size_t size) {
    if (left_to_failure == 0 || std::ranges::count(sizes_that_do_not_fail, size) != 0) return;
    if (--left_to_failure == 0) throw std::bad_alloc();
}

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
    fail_if_due(size);
    return counted(std::malloc(size == 0 ? 1 : size));
}

void* operator new(std::size_t size, std::align_val_t alignment) {
    fail_if_due(size);
    const auto unit = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}

// A sanitizer has one of its own that would not pair with the `operator delete` below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return operator new(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void operator delete(void* memory, const std::nothrow_t&) noexcept {
    give_back(memory);
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
