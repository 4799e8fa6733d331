#include "tasks/task_table.hpp"

#include <echosocket/handlers.hpp>

#include <utility>

namespace echosocket {

handlers::handlers() : table_(std::make_shared<task_table>()) {}

void handlers::add_task(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    table_->add(name, std::move(task), std::move(description));
}

void handlers::set_fallback(std::unique_ptr<detail::task> task) {
    table_->set_fallback(std::move(task));
}

void handlers::add_listener(std::string_view topic, std::unique_ptr<detail::task> task) {
    table_->add_listener(topic, std::move(task));
}

void handlers::set_any_listener(std::unique_ptr<detail::task> task) {
    table_->set_any_listener(std::move(task));
}

}  // namespace echosocket
