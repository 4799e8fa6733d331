// The bytes that have arrived on a connection and are not handled yet.
#pragma once

#include "memory/buffer_ref.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <string_view>

namespace echosocket::net {

/// Frames are handled in place, so the buffer never moves bytes that a running handler looks at: the handler shares the
/// block, and reading goes on in another one. Holds no block while it is empty.
class read_buffer {
public:
    /// Where the next read may put bytes: at least one. `frame_size` is what the frame at the head needs in all.
    ///
    /// A declared size alone buys nothing: memory follows what has arrived, at most thirty-two-fold.
    [[nodiscard]] boost::asio::mutable_buffer prepare(std::size_t frame_size);
    void commit(std::size_t bytes) noexcept { end_ += bytes; }
    void consume(std::size_t bytes) noexcept { begin_ += bytes; }

    [[nodiscard]] std::string_view data() const noexcept {
        return block_ ? std::string_view(block_.data() + begin_, end_ - begin_) : std::string_view();
    }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    /// What keeps views of `data()` alive.
    [[nodiscard]] const buffer_ref& block() const noexcept { return block_; }

    /// Gives the block back where no byte is left in it.
    void release_if_empty() noexcept;

private:
    void make_room(std::size_t need);
    void move_to(buffer_ref target) noexcept;

    buffer_ref block_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace echosocket::net
