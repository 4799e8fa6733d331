// The end of a task that has received a file.
#pragma once

#include "cli/tasks/store_folder.hpp"

#include <echosocket/task.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

namespace echosocket::cli {

/// Removes a file that was not kept, on the folder's threads: to remove a large one takes the disk a while. After that
/// the call can't be cancelled.
inline asio::awaitable<void> put_away(task_context& call, store_folder& folder, incoming_file& file) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await call.run_on(folder.threads(), [&file] { file.discard(); });
}

}  // namespace echosocket::cli
