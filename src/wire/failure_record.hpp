// A failure as it travels in an ERROR or a failed END: code and facts in the meta, the text as the body.
#pragma once

#include "wire/frame.hpp"
#include "wire/meta.hpp"

#include <echosocket/result.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace echosocket::wire {

[[nodiscard]] meta meta_of(const failure& why) noexcept;

/// The frame is never split, so its text keeps to the receiver's `max_frame` bytes, besides `max_text`.
[[nodiscard]] std::string_view text_of(const failure& why, std::size_t max_frame) noexcept;

/// The failure in an ERROR. `task_failed` if the meta has no code, or can't be read. With id 0 it is the other end's,
/// whatever the facts say.
[[nodiscard]] failure read_failure(const frame& error);

/// Why the sender of an END failed, always of the origin `task`; empty if it did not: the meta has no code, or can't be
/// read.
[[nodiscard]] std::optional<failure> read_end_failure(const frame& end);

}  // namespace echosocket::wire
