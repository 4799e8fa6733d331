// A failure on the wire: the records and the text of an ERROR or a failed END.
#pragma once

#include "wire/frame.hpp"
#include "wire/meta.hpp"

#include <echosocket/result.hpp>

namespace echosocket::wire {

/// The records of a frame that tells of `why`; its text is the frame's body.
[[nodiscard]] meta meta_of(const failure& why) noexcept;

/// What an ERROR or a failed END says. An absent or zero code is `task_failed`, and so is a meta that can't be read.
[[nodiscard]] failure read_failure(const frame& f);

}  // namespace echosocket::wire
