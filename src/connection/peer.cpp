// A handle to the other end passes everything on to the connection.
#include "async/async_completion.hpp"
#include "connection/connection_context.hpp"
#include "connection/start_call.hpp"

#include <echosocket/peer.hpp>

#include <algorithm>
#include <utility>

namespace echosocket {

namespace {

/// The connection behind every session.
net::connection_context& connection_of(detail::connection_info& session) noexcept {
    return static_cast<net::connection_context&>(session);
}

std::shared_ptr<net::connection_context> shared_connection_of(const std::shared_ptr<detail::connection_info>& session) {
    return std::static_pointer_cast<net::connection_context>(session);
}

failure nobody() {
    return failure(errc::connection_lost, "this handle belongs to no connection");
}

}  // namespace

peer::peer(std::shared_ptr<detail::connection_info> session, std::optional<time_point> deadline,
           std::string_view trace_id)
    : session_(std::move(session)), deadline_(deadline), trace_id_(trace_id) {}

std::uint64_t peer::id() const noexcept {
    return session_ ? session_->id() : 0;
}
std::string peer::name() const {
    return session_ ? session_->name() : std::string();
}
std::string peer::address() const {
    return session_ ? session_->address() : std::string();
}
bool peer::connected() const noexcept {
    return session_ && session_->connected();
}
session_info peer::info() const {
    return session_ ? session_->info(connection_of(*session_).settings().clock->now()) : session_info();
}

call_options peer::inherited(const call_options& options) const {
    call_options all = options;
    if (deadline_) all.deadline = std::min(all.deadline.value_or(*deadline_), *deadline_);
    if (all.trace_id.empty()) all.trace_id = trace_id_;
    return all;
}

asio::awaitable<result<raw_reply>> peer::do_call(std::string_view task, encoded_body&& body,
                                                 const call_options& options) const {
    if (!session_) return net::already<result<raw_reply>>(nobody());
    return start_call(shared_connection_of(session_), task, std::move(body), inherited(options));
}

std::shared_ptr<detail::stream_end> peer::do_open(std::string_view task, encoded_body&& body, std::uint8_t streams,
                                                  const call_options& options) const {
    return open_stream(session_ ? shared_connection_of(session_) : nullptr, task, std::move(body), streams,
                       inherited(options));
}

result<void> peer::do_notify(std::string_view topic, encoded_body&& body, const notify_options& options) const {
    if (!session_) return nobody();
    auto& connection = connection_of(*session_);
    if (!connection.connected()) return failure(errc::connection_lost, "the connection has ended");
    auto what =
        protocol::make_notification(topic, body, options.trace_id, options.key, connection.host().rules_of(topic));
    if (!what) return std::move(what.error());
    if ((*what)->body_size() > connection.peer_max_message())
        return failure(errc::message_too_large, "the notification has " + std::to_string((*what)->body_size()) +
                                                    " bytes; the other side takes at most " +
                                                    std::to_string(connection.peer_max_message()));
    connection.mailbox().notify(std::move(*what));
    return {};
}

void peer::close(std::string_view reason) const {
    if (!session_) return;
    const auto connection = shared_connection_of(session_);
    connection->post([connection, reason = std::string(reason)] { connection->dismiss(reason); });
}

void peer::set_any_data(std::shared_ptr<void> data, std::type_index type) const {
    if (session_) session_->set_data(std::move(data), type);
}

std::shared_ptr<void> peer::any_data(std::type_index type) const {
    return session_ ? session_->data(type) : nullptr;
}

}  // namespace echosocket
