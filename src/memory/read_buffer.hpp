// The bytes that have arrived on a connection and are not handled yet.
#pragma once

#include "memory/buffer_ref.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace echosocket::net {

/// Frames are handled in place, so the buffer never moves bytes that a running handler uses: the handler shares the
/// block, and reading continues in another one. Holds no block while it is empty.
class read_buffer {
public:
    /// Returns room for at least one byte for the next read. `frame_size` is the full size of the frame at the head.
    ///
    /// A declared size alone allocates nothing: memory grows with the bytes that have arrived, at most 32 times as
    /// many.
    [[nodiscard]] boost::asio::mutable_buffer prepare(std::size_t frame_size);
    void commit(std::size_t bytes) noexcept { end_ += static_cast<std::uint32_t>(bytes); }
    void consume(std::size_t bytes) noexcept { begin_ += static_cast<std::uint32_t>(bytes); }

    [[nodiscard]] std::string_view data() const noexcept {
        return block_ ? std::string_view(block_.data() + begin_, end_ - begin_) : std::string_view();
    }
    [[nodiscard]] std::size_t size() const noexcept { return std::size_t{end_} - begin_; }
    /// Share this to keep views of `data()` alive.
    [[nodiscard]] const buffer_ref& block() const noexcept { return block_; }

    /// Releases the block if it holds no bytes. False if it does.
    bool release_if_empty() noexcept;
    [[nodiscard]] std::size_t capacity() const noexcept { return block_ ? block_.capacity() : 0; }

private:
    void make_room(std::size_t need);
    void move_to(buffer_ref target) noexcept;

    buffer_ref block_;
    // Of 32 bits, since there are many connections; a frame's length has no more.
    std::uint32_t begin_ = 0;
    std::uint32_t end_ = 0;
};

}  // namespace echosocket::net
