// The items of a stream that have come and that nobody has read yet.
#pragma once

#include <echosocket/stream.hpp>

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::net {

/// Keeps items in about the memory that they had on the wire, which is what their sender has paid for in credit: small
/// ones lie one behind the other, in blocks.
class item_queue {
public:
    struct item {
        detail::raw_item raw;
        std::size_t cost = 0;  ///< In credit.
    };

    [[nodiscard]] bool empty() const noexcept { return blocks_.empty() && !returned_; }
    /// Bytes that the items take here.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    void push(std::string_view body, content_type type, std::size_t cost);
    /// The oldest one; only if there is one.
    [[nodiscard]] item pop();
    /// Takes one back that was popped last; it costs no credit the second time.
    void put_back(detail::raw_item&& last) noexcept;
    /// Forgets all of them; what they cost in credit.
    std::size_t clear() noexcept;

private:
    struct block {
        std::string bytes;
        std::size_t begin = 0;     // of the first item that is left
        std::size_t cost = 0;      // of all that are left
        bool is_one_item = false;  // `bytes` is its body
        content_type type{};       // of that one
    };
    [[nodiscard]] static std::size_t size_of(const block& b) noexcept { return sizeof(block) + b.bytes.capacity(); }
    void add(block&& fresh);

    std::optional<detail::raw_item> returned_;  // before all others
    std::list<block> blocks_;
    std::size_t bytes_ = 0;
};

}  // namespace echosocket::net
