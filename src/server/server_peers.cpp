// What a server does with its peers: callbacks, notifications, groups, subscriptions.
#include "connection/check_limits.hpp"
#include "server/server_impl.hpp"
#include "wire/utf8.hpp"

#include <exception>
#include <utility>

namespace echosocket {

namespace {

// Whoever is subscribed to this one gets every topic that is published.
constexpr std::string_view every_topic = "*";

void check_group_name(std::string_view name) {
    if (!wire::is_valid_name(name))
        throw usage_error(errc::invalid_name,
                          "a group's name has 1 to 255 bytes of UTF-8, got: \"" + wire::printable(name) + "\"");
}

}  // namespace

void server::impl::on_connect(std::function<result<void>(const peer&)> callback) {
    tasks_.check_not_frozen();
    on_connect_.push_back(std::move(callback));
}

void server::impl::on_disconnect(std::function<void(const peer&, const failure&)> callback) {
    tasks_.check_not_frozen();
    on_disconnect_.push_back(std::move(callback));
}

void server::impl::on_stop(std::function<void()> callback) {
    tasks_.check_not_frozen();
    on_stop_.push_back(std::move(callback));
}

void server::impl::set_rules(std::string_view topic, const queue_rules& rules) {
    tasks_.check_not_frozen();
    check_group_name(topic);
    check_rules(rules, "topic");
    rules_.insert_or_assign(std::string(topic), rules);
}

protocol::topic_rules server::impl::rules_of(std::string_view topic) const {
    if (rules_.empty()) return {config_.notifications, {}};
    const auto own = rules_.find(topic);
    return own == rules_.end() ? protocol::topic_rules{config_.notifications, {}}
                               : protocol::topic_rules{own->second, own->first};
}

result<void> server::impl::call_on_connect(const std::function<result<void>(const peer&)>& callback, const peer& who) {
    try {
        return callback(who);
    } catch (...) {
        const auto thrown = std::current_exception();
        callbacks().threw("a callback of on_connect", thrown);
        return failure(errc::refused, config_.send_exception_text ? net::text_of(thrown)
                                                                  : "the server failed; its log has the reason");
    }
}

result<void> server::impl::opened(net::connection_context& connection) {
    const auto who = connection.peer();
    for (const auto& callback : on_connect_) {
        auto welcome = call_on_connect(callback, who);
        if (welcome) continue;
        groups_->leave_all(connection.id());
        count_refused(errc::refused);
        return failure(errc::refused, std::move(welcome.error().detail));
    }
    return {};
}

void server::impl::ended(net::connection_context& connection, const failure& why) {
    groups_->leave_all(connection.id());
    const auto who = connection.peer();
    for (const auto& callback : on_disconnect_)
        callbacks().call("a callback of on_disconnect", [&] { callback(who, why); });
}

result<std::string> server::impl::key_scope(net::connection_context& connection) {
    if (!config_.key_scope) return std::string();
    try {
        return config_.key_scope(connection.peer());
    } catch (...) {
        callbacks().threw("key_scope", std::current_exception());
        return failure(errc::task_failed, "the server can't tell whose key this is; its log has the reason");
    }
}

bool server::impl::is_peer(const net::connection& connection) noexcept {
    return connection.connected() && connection.is_named();
}

std::vector<peer> server::impl::peers_that(const std::function<bool(const net::connection&)>& fit) const {
    std::vector<peer> all;
    for (const auto& connection : registry_.snapshot())
        if (is_peer(*connection) && fit(*connection)) all.push_back(connection->peer());
    return all;
}

group server::impl::group(std::string_view name) {
    check_group_name(name);
    return echosocket::group(groups_->get(name));
}

protocol::notification_ptr server::impl::make_notification(std::string_view topic, const encoded_body& body,
                                                           const notify_options& options) const {
    auto made = protocol::make_notification(topic, body, options.trace_id, options.key, rules_of(topic));
    if (!made) throw usage_error(made.error().code, made.error().detail);
    return std::move(*made);
}

std::size_t server::impl::publish(std::string_view topic, const encoded_body& body, const notify_options& options) {
    const auto what = make_notification(topic, body, options);
    const auto subscribers = groups_->find(topic);
    const std::size_t told = subscribers ? subscribers->notify(what, nullptr) : 0;
    const auto everything = groups_->find(every_topic);
    if (!everything || topic == every_topic) return told;
    return told + everything->notify_beside(what, subscribers.get());
}

void server::impl::broadcast(std::string_view topic, const encoded_body& body, const notify_options& options) {
    post([self = shared_from_this(), what = make_notification(topic, body, options)] {
        std::vector<connection_ptr> owed;
        for (const auto& connection : self->registry_.snapshot())
            if (is_peer(*connection) && connection->mailbox().queue_notification(what)) owed.push_back(connection);
        self->flush_scheduler_->schedule(std::move(owed));
    });
}

result<void> server::impl::check_size_of(const std::vector<std::string>& topics) const {
    if (topics.size() <= config_.limits.max_groups) return {};
    return failure(errc::bad_request, "a list of " + std::to_string(topics.size()) + " topics: at most " +
                                          std::to_string(config_.limits.max_groups) + " (limits::max_groups)");
}

result<void> server::impl::unsubscribe(const peer& who, const std::vector<std::string>& topics) {
    if (auto fits = check_size_of(topics); !fits) return fits;
    for (const auto& topic : topics)
        if (const auto known = groups_->find(topic)) echosocket::group(known).leave(who);
    return {};
}

result<void> server::impl::subscribe(const peer& who, const std::vector<std::string>& topics) {
    if (!config_.may_subscribe)
        return failure(errc::not_allowed,
                       "this server lets no client subscribe by itself: server_config::may_subscribe is not set");
    if (auto fits = check_size_of(topics); !fits) return fits;
    for (const auto& topic : topics) {
        if (!wire::is_valid_name(topic))
            return failure(errc::bad_request, "a topic's name has 1 to 255 bytes of UTF-8");
        if (auto allowed = config_.may_subscribe(who, topic); !allowed) {
            allowed.error().origin = failure_origin::task;  // the application's answer, whatever it means by its code
            return allowed;
        }
        if (auto joined = group(topic).join(who); !joined) return joined;
    }
    return {};
}

}  // namespace echosocket
