#include "support/allocation_count.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t allocations = 0;
thread_local std::size_t held = 0;  // bytes; memory given back by another thread is missed
thread_local std::size_t most_held = 0;
thread_local std::size_t largest_piece = 0;

void* counted(void* memory) {
    if (memory == nullptr) throw std::bad_alloc();
    const std::size_t size = ::malloc_usable_size(memory);
    ++allocations;
    held += size;
    most_held = std::max(most_held, held);
    largest_piece = std::max(largest_piece, size);
    return memory;
}

void give_back(void* memory) noexcept {
    if (memory == nullptr) return;
    held -= std::min(held, ::malloc_usable_size(memory));
    std::free(memory);
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
