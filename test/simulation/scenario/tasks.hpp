// The tasks of servers and clients, and what they check.
#pragma once

#include "simulation/scenario/site.hpp"

#include <echosocket/handlers.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace echosocket::simulated {

/// `answer`, `answer_soon`, `wait`, `book`, `ask_back`.
void add_tasks(world& in, site::term& of);
/// `take`, `give`, `mirror`.
void add_stream_tasks(world& in, site::term& of);
/// `join`, `leave`, what is done when somebody connects or disconnects, and with their notifications.
void add_groups(world& in, site::term& of);
/// What servers may call at a client: `answer`, `answer_soon`, `wait`, `echo`.
void add_client_tasks(world& in, handlers& of);

/// What `answer` and `answer_soon` answer.
[[nodiscard]] std::string answer_of(std::uint64_t number, const std::string& text);
[[nodiscard]] std::string item_of(std::uint64_t number, std::uint64_t place, std::size_t length);
/// An item of the stream with that number has come: is it the one whose turn it is?
void check_item(world& in, std::uint64_t number, std::uint64_t place, const std::string& item);

/// Awaits something that has a number of the ledger, and enters its outcome.
template <class T>
asio::awaitable<result<T>> counted(world& in, std::uint64_t number, asio::awaitable<result<T>> call) {
    try {
        auto outcome = co_await std::move(call);
        in.kept.end(number, outcome ? std::nullopt : std::optional(outcome.error()));
        co_return outcome;
    } catch (const boost::system::system_error& aborted) {
        in.kept.end(number, failure(errc::cancelled, aborted.what()));
        throw;
    }
}

}  // namespace echosocket::simulated
