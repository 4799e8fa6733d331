// A short text that is stored in place.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace echosocket {

/// Up to 64 bytes of text, for trace ids and keys. It needs no destructor, so that options with texts may be made
/// inside a `co_await` expression, where GCC 12 destroys them twice: `client.call<int>({.trace_id = "a7"}, "task")`.
///
/// Longer text is cut to 65 bytes, which every call refuses.
class short_text {
public:
    static constexpr std::size_t max_size = 64;  ///< Bytes.

    constexpr short_text() noexcept = default;
    template <std::convertible_to<std::string_view> Text>
    constexpr short_text(const Text& text) noexcept : short_text(from(text)) {}

    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    /// Valid as long as this object.
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {bytes_.data(), size_}; }
    constexpr operator std::string_view() const noexcept { return view(); }

    friend constexpr bool operator==(const short_text& a, const short_text& b) noexcept { return a.view() == b.view(); }

private:
    static constexpr short_text from(std::string_view text) noexcept {
        short_text made;
        made.size_ = static_cast<std::uint8_t>(text.substr(0, max_size + 1).copy(made.bytes_.data(), max_size + 1));
        return made;
    }

    std::array<char, max_size + 1> bytes_{};
    std::uint8_t size_ = 0;
};

}  // namespace echosocket
