// A request on its way to its handler.
#pragma once

#include "memory/buffer_ref.hpp"
#include "protocol/event.hpp"

#include <echosocket/task.hpp>

#include <memory>

namespace echosocket::net {

class stream_handle;

/// What the engine tells of a REQUEST, and what its handler needs besides. The views point into what `block` or
/// `joined` keeps alive.
struct request : protocol::event {
    detail::task* task = nullptr;
    buffer_ref block;
    std::shared_ptr<stream_handle> items;  ///< If the call has streams.
};

}  // namespace echosocket::net
