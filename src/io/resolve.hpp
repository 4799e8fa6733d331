// Resolves a host name to its endpoints.
#pragma once

#include "async/erased_handler.hpp"
#include "io/address.hpp"
#include "io/socket_transport.hpp"

#include <echosocket/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace echosocket::net {

using endpoints = std::vector<stream_endpoint>;

/// The endpoint of a Unix socket or a numeric address, which needs no lookup; empty for names.
[[nodiscard]] std::optional<stream_endpoint> literal_endpoint(const address& where);

/// Asks the system's resolver, which may block for many seconds.
///
/// Errors: `resolve_failed` with the system's reason.
[[nodiscard]] result<endpoints> resolve_blocking(const address& where);

/// The same without blocking the coroutine that waits for it.
///
/// The system's resolver cannot be interrupted, and Asio's would keep the `io_context` alive until it is done. So a
/// thread of its own asks and refers only to this object; when no coroutine waits any longer, the answer is dropped
/// with the object.
class name_lookup : public std::enable_shared_from_this<name_lookup> {
public:
    /// `held` is kept until the thread has ended, which may be long after the coroutine was cancelled: for those who
    /// bound how many threads there are.
    [[nodiscard]] static std::shared_ptr<name_lookup> start(address where, std::shared_ptr<void> held = {});

    /// Errors: `resolve_failed`, `cancelled`.
    /// Cancellation: terminal, partial, total, and `cancel()`; on the awaiting coroutine's strand.
    [[nodiscard]] asio::awaitable<result<endpoints>> wait();
    void cancel();

private:
    struct initiate;

    void run(const address& where);
    void suspend(erased_handler coroutine);

    std::mutex mutex_;
    std::optional<result<endpoints>> found_;
    erased_handler coroutine_;
};

}  // namespace echosocket::net
