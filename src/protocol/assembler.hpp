// Puts bodies that came in several frames together again.
#pragma once

#include "wire/frame.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace echosocket::protocol {

/// Split bodies that one end may have under way at once; with their size this bounds what they take together.
inline constexpr std::size_t max_unfinished_bodies = 4;
/// Above so many bytes a body gets addresses for the largest one at once, up to `most_reserved`: pages that nothing is
/// written to cost nothing.
inline constexpr std::size_t reserved_from = 128 * 1024;
inline constexpr std::size_t most_reserved = 64 * 1024 * 1024;
/// Bytes of a page of theirs, at most.
inline constexpr std::size_t large_page = 2 * 1024 * 1024;

/// Bodies split over frames of one kind and id. Bounded in the bytes of one body and in their number.
class assembler {
public:
    enum class outcome : std::uint8_t {
        partial,    ///< Kept; more frames follow.
        complete,   ///< `message()` is the whole: its kind, id, the first frame's meta, the joined body.
        too_large,  ///< Reported once, at the frame that crossed the limit; the rest is dropped without a word.
        dropped,    ///< A further frame of a body that was too large.
        too_many,   ///< More unfinished bodies than allowed: the connection ends.
    };

    using time_point = std::chrono::steady_clock::time_point;

    /// `on_reserved` is told of each body that was given addresses up to its capacity, before they are written to.
    explicit assembler(std::size_t max_message, std::size_t max_unfinished = max_unfinished_bodies,
                       void (*on_reserved)(std::string&) noexcept = nullptr) noexcept
        : max_message_(max_message), max_unfinished_(max_unfinished), on_reserved_(on_reserved) {}

    /// Does `f` belong to a split body: has it MORE set, or does it continue one?
    [[nodiscard]] bool concerns(const wire::frame& f) const noexcept { return f.more() || continues(f); }
    [[nodiscard]] bool continues(const wire::frame& f) const noexcept {
        return !unfinished_.empty() && unfinished_.contains(key_of(f.kind, f.id));
    }
    /// Takes a frame that came at `now`, which is kept for `begun()` alone.
    outcome add(const wire::frame& f, time_point now = {});
    /// Takes note of a frame that was too large to be kept, `parse_status::oversized`: the whole body is too large
    /// then.
    outcome add_oversized(const wire::frame& f);
    /// The message that the last `add` completed; its views are valid until the next `add`.
    [[nodiscard]] const wire::frame& message() const noexcept { return message_; }
    /// When the first frame of that message came.
    [[nodiscard]] time_point begun() const noexcept { return last_.begun; }
    /// Moves the completed message's body out; `message().body` is gone then, its meta is not.
    [[nodiscard]] std::string take_body() noexcept;
    /// Forgets an unfinished body, for example of a call that was cancelled: its further frames are dropped, up to and
    /// with the one that has MORE no more. False where there is none.
    bool abandon(wire::frame_kind kind, std::uint32_t id);

    /// The unfinished body is given up at that time.
    void set_deadline(wire::frame_kind kind, std::uint32_t id, time_point when);
    /// Gives up a REQUEST whose deadline has passed, as `abandon` does: its id.
    [[nodiscard]] std::optional<std::uint32_t> take_expired(time_point now);
    /// Is there one that came at less than `bytes_per_second`, beyond the `patience` that each gets?
    [[nodiscard]] bool has_slow(time_point now, std::chrono::milliseconds patience, std::size_t bytes_per_second) const;
    /// When one of those two has to be asked next, if nothing comes until then.
    [[nodiscard]] time_point next_due(std::chrono::milliseconds patience, std::size_t bytes_per_second) const;

    [[nodiscard]] bool empty() const noexcept { return unfinished_.empty(); }
    [[nodiscard]] std::size_t unfinished_bytes() const noexcept { return bytes_; }
    /// The same in memory: what was given addresses may fill a large page before it has so many bytes.
    [[nodiscard]] std::size_t held_bytes() const noexcept { return bytes_ + reserved_ * large_page; }

private:
    struct unfinished {
        std::string meta;
        std::string body;
        time_point begun{};
        time_point deadline = time_point::max();
        bool discarding = false;
        bool is_reserved = false;

        [[nodiscard]] time_point slow_from(std::chrono::milliseconds patience, std::size_t bytes_per_second) const {
            return begun + patience + std::chrono::seconds(body.size() / bytes_per_second);
        }
    };

    static std::uint64_t key_of(wire::frame_kind kind, std::uint32_t id) noexcept {
        return std::uint64_t{static_cast<std::uint8_t>(kind)} << 32 | id;
    }
    outcome begin(const wire::frame& f, time_point now);
    outcome begin_discarding(const wire::frame& f);
    outcome complete(const wire::frame& f, unfinished&& whole);
    void make_room(unfinished& whole, std::size_t size);
    void discard(unfinished& body) noexcept;
    void forget(const unfinished& body) noexcept;

    std::size_t max_message_;
    std::size_t max_unfinished_;
    void (*on_reserved_)(std::string&) noexcept;
    std::size_t bytes_ = 0;
    std::size_t reserved_ = 0;  // bodies
    boost::unordered_flat_map<std::uint64_t, unfinished> unfinished_;
    unfinished last_;
    wire::frame message_;
};

}  // namespace echosocket::protocol
