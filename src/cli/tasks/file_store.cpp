#include "cli/tasks/file_store.hpp"

#include "cli/checksum.hpp"
#include "cli/stall.hpp"
#include "cli/tasks/file_name.hpp"
#include "cli/tasks/put_away.hpp"
#include "cli/tasks/readable_file.hpp"
#include "cli/tasks/send_split.hpp"
#include "cli/units.hpp"
#include "io/address_group.hpp"

#include <exception>
#include <utility>

namespace echosocket::cli {

namespace {

failure no_directory() {
    return {errc::not_allowed, "this server keeps no files; `echosocket serve --files DIR` allows it"};
}

failure too_many() {
    return {errc::overloaded, "as many files as allowed are on their way already, of all or of this address"};
}

failure too_large(const file_policy& policy) {
    return {errc::message_too_large,
            "the file is larger than " + format_size(policy.limit) + "; `--files-limit` sets that"};
}

asio::awaitable<result<readable_file>> open_file(task_context& call, const file_policy& policy,
                                                 const std::string& name) {
    auto& folder = *policy.folder;
    auto file = co_await call.run_on(folder.threads(),
                                     [&folder, &name] { return readable_file::open(folder.directory(), name); });
    co_return file;
}

asio::awaitable<result<stored_file>> receive(task_context& call, const file_policy& policy, source<file_piece>& pieces,
                                             incoming_file& file, movement& moved) {
    auto& disk = policy.folder->threads();
    stored_file done;
    checksum sum;
    for (;;) {
        auto piece = co_await pieces.next();
        if (!piece) co_return piece.error();
        if (!*piece) break;
        const auto bytes = as_text(**piece);
        moved.steps += bytes.size();
        done.bytes += bytes.size();
        if (done.bytes > policy.limit) co_return too_large(policy);
        auto written = co_await call.run_on(disk, [&file, &sum, bytes] {
            sum.add(bytes);
            return file.write(bytes);
        });
        if (!written) co_return written.error();
    }
    auto path = co_await call.run_on(disk, [&file] { return file.keep(); });
    if (!path) co_return path.error();
    done.name = path->filename().string();
    done.crc32 = sum.text();
    co_return done;
}

asio::awaitable<result<stored_file>> send_pieces(task_context& call, const file_policy& policy,
                                                 const readable_file& file, sink<file_piece>& pieces, stored_file done,
                                                 movement& moved) {
    checksum sum;
    for (;;) {
        auto piece = co_await call.run_on(policy.folder->threads(), [&file, &sum] {
            auto next = file.read();
            if (next) sum.add(as_text(*next));
            return next;
        });
        if (!piece) co_return piece.error();
        if (piece->empty()) break;
        done.bytes += piece->size();
        auto sent = co_await send_split(pieces, std::move(*piece));
        if (!sent) co_return sent.error();
        moved.steps = done.bytes;
    }
    done.crc32 = sum.text();
    co_return done;
}

/// An address, since one user has any number of connections; each connection where addresses tell nobody apart.
std::uint64_t user_of(const task_context& call) {
    const auto who = call.peer();
    const auto from = net::group_of(who.address());
    if (from.what == net::address_group::kind::none || from.is_loopback) return who.id();
    constexpr std::uint64_t is_address = std::uint64_t{1} << 63;
    return net::address_group::hash()(from) | is_address;
}

}  // namespace

asio::awaitable<result<stored_file>> put_file(task_context& call, const file_policy& policy, shared_slots& transfers,
                                              source<file_piece>& pieces, std::string name) {
    if (!policy.folder) co_return no_directory();
    const auto place = transfers.take(user_of(call));
    if (!place) co_return too_many();
    auto& folder = *policy.folder;
    auto file = co_await call.run_on(folder.threads(), [&folder, &policy, &name] {
        return incoming_file::create(folder, policy.quota, safe_file_name(name));
    });
    if (!file) co_return file.error();
    movement moved;
    std::optional<result<stored_file>> saved;
    std::exception_ptr cut_short;
    try {
        auto work = receive(call, policy, pieces, *file, moved);
        saved = co_await unless_stalled(std::move(work), moved, transfer_stall, least_moved, call.clock());
    } catch (...) {
        cut_short = std::current_exception();
    }
    co_await put_away(call, folder, *file);
    if (cut_short) std::rethrow_exception(cut_short);
    co_return std::move(*saved);
}

asio::awaitable<result<stored_file>> get_file(task_context& call, const file_policy& policy, shared_slots& transfers,
                                              sink<file_piece>& pieces, std::string name) {
    if (!policy.folder) co_return no_directory();
    const auto place = transfers.take(user_of(call));
    if (!place) co_return too_many();
    auto file = co_await open_file(call, policy, name);
    if (!file) co_return file.error();
    movement moved;
    stored_file of;
    of.name = std::move(name);
    auto work = send_pieces(call, policy, *file, pieces, std::move(of), moved);
    auto sent = co_await unless_stalled(std::move(work), moved, transfer_stall, least_moved, call.clock());
    co_return sent;
}

asio::awaitable<result<std::uint64_t>> size_of_file(task_context& call, const file_policy& policy, std::string name) {
    if (!policy.folder) co_return no_directory();
    auto file = co_await open_file(call, policy, name);
    if (!file) co_return file.error();
    co_return file->size();
}

}  // namespace echosocket::cli
