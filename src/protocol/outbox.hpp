// The bytes of a connection that wait to be written, in the order they will be.
#pragma once

#include "memory/buffer_ref.hpp"
#include "memory/large_body.hpp"
#include "wire/meta.hpp"

#include <echosocket/result.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::protocol {

/// Gathers frames so that one system call writes all that has gathered. Holds no memory while it is empty.
///
/// Bodies above one frame are split, and their pieces take turns with each other and with everything else: a small
/// reply waits for pieces already queued, never for a whole large body.
class outbox {
public:
    /// Queues a frame. `body` is copied.
    void push(wire::frame_kind kind, std::uint32_t id, const wire::meta& meta, std::string_view body);
    /// The same; keeps a large `body` without a copy.
    void push(wire::frame_kind kind, std::uint32_t id, const wire::meta& meta, std::string&& body);
    /// The same; keeps a large `body` that others have too.
    void push(wire::frame_kind kind, std::uint32_t id, const wire::meta& meta,
              const std::shared_ptr<const std::string>& body);
    /// The same for a frame without meta, as most replies are; `body` is copied.
    void push(wire::frame_kind kind, std::uint32_t id, std::string_view body);
    /// Queues bytes that are whole frames already.
    void push_encoded(std::string_view frames) { append(frames); }
    /// The same; keeps large ones without a copy.
    void push_encoded(const std::shared_ptr<const std::string>& frames);
    /// Queues a body above `max_frame`, which begins in `holder` at `begin`.
    void push_split(wire::frame_kind kind, std::uint32_t id, std::string_view meta,
                    std::shared_ptr<const std::string> holder, std::size_t begin);

    /// Takes a REQUEST back of which nothing has gone out yet; false where it is too late for that.
    bool withdraw(std::uint32_t request);
    /// Queues a CANCEL; what is left of the REQUEST's body does not go out any more.
    void cancel(std::uint32_t request);

    /// Queues the frame of that kind that tells of a failure, an ERROR or a failed END.
    void push_failure(wire::frame_kind kind, std::uint32_t id, const failure& why);

    /// The next bytes to write, as many pieces as `into` takes; how many there are. Cuts off the next piece of a large
    /// body only if nothing else is queued. The views are valid until `wrote`.
    [[nodiscard]] std::size_t gather(std::span<std::string_view> into);
    /// So many of the bytes that `gather` told have been written.
    void wrote(std::size_t bytes) noexcept;

    /// The largest body of one frame that the other end takes; larger ones are split.
    void set_max_frame(std::size_t bytes) noexcept { max_frame_ = bytes; }
    [[nodiscard]] std::size_t max_frame() const noexcept { return max_frame_; }
    [[nodiscard]] std::size_t size() const noexcept { return queued_ + unsplit_; }
    /// The same without one body that goes out piece by piece: such a one holds up nobody.
    [[nodiscard]] std::size_t backlog() const noexcept { return splits_ && splits_->size() > 1 ? size() : queued_; }
    /// The same without large bodies that others have too.
    [[nodiscard]] std::size_t held_bytes() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// Is nothing left but further pieces of large bodies?
    [[nodiscard]] bool only_pieces_left() const noexcept { return queued_ == 0 && unsplit_ != 0; }
    /// Is a body going out piece by piece?
    [[nodiscard]] bool is_splitting() const noexcept { return unsplit_ != 0; }
    /// Is a body of this kind?
    [[nodiscard]] bool is_splitting(wire::frame_kind kind) const noexcept;
    void clear() noexcept;

private:
    /// Bytes in a block of small frames, or (part of) a large body.
    struct segment {
        net::buffer_ref block;
        std::shared_ptr<const void> body;  ///< Keeps the bytes if `block` does not.
        const char* begin = nullptr;
        const char* end = nullptr;

        [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(end - begin); }
    };
    /// A body above one frame, on its way out piece by piece.
    struct split_body {
        wire::frame_kind kind;
        std::uint32_t id;
        std::string meta;
        std::shared_ptr<net::large_body> body;
        std::size_t sent = 0;  ///< Up to where in `body`.
        bool begun = false;
    };

    char* put_frame(wire::frame_kind kind, std::uint32_t id, std::size_t meta_size, std::string_view body);
    void push_head(wire::frame_kind kind, std::uint8_t flags, std::uint32_t id, std::string_view meta,
                   std::size_t body_size);
    void split(wire::frame_kind kind, std::uint32_t id, const wire::meta& meta, std::shared_ptr<net::large_body> body);
    void queue_split(wire::frame_kind kind, std::uint32_t id, std::string_view meta,
                     std::shared_ptr<net::large_body> body, std::size_t begin);
    void push_next_piece();
    [[nodiscard]] std::deque<split_body>::iterator find_split(wire::frame_kind kind, std::uint32_t id);
    void drop_split(std::deque<split_body>::iterator at);
    /// Room for bytes that stay together.
    char* room(std::size_t bytes) {
        const bool fits = tail_ && tail_.capacity() - tail_used_ >= bytes;
        if (!fits || first_ >= segments_.size() || segments_.back().block != tail_) open_segment(bytes);
        char* at = tail_.data() + tail_used_;
        segments_.back().end = at + bytes;
        tail_used_ += bytes;
        queued_ += bytes;
        return at;
    }
    void open_segment(std::size_t bytes);
    void append(std::string_view bytes);
    void append_shared(std::shared_ptr<const void> holder, const char* begin, const char* end);

    std::vector<segment> segments_;
    std::size_t first_ = 0;  // of the segments not yet written
    // Where the next small bytes go. Large bodies between them do not end it, or each would cost a block for its head.
    net::buffer_ref tail_;
    std::size_t tail_used_ = 0;
    // Rare, and a deque holds half a KiB even when it is empty.
    std::unique_ptr<std::deque<split_body>> splits_;
    std::size_t queued_ = 0;
    std::size_t unsplit_ = 0;
    std::size_t max_frame_ = 64 * 1024;
};

}  // namespace echosocket::protocol
