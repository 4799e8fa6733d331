// Blocks of memory for reading and writing, recycled per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace echosocket::net {

/// Bytes of a block from the pool, 64 KiB and a header; also the most that one connection handles per wake-up.
inline constexpr std::size_t block_size = 68 * 1024;

/// A reference to a shared block, which is kept alive while anything views its bytes.
///
/// Thread safety: the count is not atomic; all owners of one block must be on one strand.
class buffer_ref {
public:
    buffer_ref() = default;
    buffer_ref(const buffer_ref& other) noexcept : block_(other.block_) {
        if (block_ != nullptr) ++block_->owners;
    }
    buffer_ref(buffer_ref&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    buffer_ref& operator=(buffer_ref other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~buffer_ref() {
        if (block_ != nullptr && --block_->owners == 0) release(block_);
    }

    /// A block of at least `capacity` bytes; one of exactly `block_size` from the pool if that is enough.
    [[nodiscard]] static buffer_ref make(std::size_t capacity = block_size);

    explicit operator bool() const noexcept { return block_ != nullptr; }
    [[nodiscard]] char* data() const noexcept { return reinterpret_cast<char*>(block_ + 1); }
    [[nodiscard]] std::size_t capacity() const noexcept { return block_->capacity; }
    [[nodiscard]] bool shared() const noexcept { return block_->owners > 1; }
    /// Counts those that keep the block for longer: true for the first.
    [[nodiscard]] bool pin() const noexcept { return block_->pins++ == 0; }
    /// True for the last.
    [[nodiscard]] bool unpin() const noexcept { return --block_->pins == 0; }
    friend bool operator==(const buffer_ref&, const buffer_ref&) noexcept = default;

private:
    struct block {
        std::size_t capacity;
        std::uint32_t owners;
        std::uint32_t pins;
    };
    friend class block_pool;

    static void release(block* b) noexcept;

    block* block_ = nullptr;
};

}  // namespace echosocket::net
