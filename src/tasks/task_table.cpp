#include "tasks/task_table.hpp"

#include "wire/utf8.hpp"

#include <algorithm>
#include <utility>

namespace echosocket {

namespace {

// Names that an error lists at most; a server may have thousands of tasks.
constexpr std::size_t listed_names = 30;

void check_name(std::string_view name, std::string_view whose) {
    if (!wire::is_valid_name(name))
        throw usage_error(errc::invalid_name,
                          std::string(whose) + " has 1 to 255 bytes of UTF-8, got: \"" + wire::printable(name) + "\"");
}

}  // namespace

void task_table::check_not_frozen() const {
    if (frozen_) throw usage_error(errc::already_running, "tasks are registered before run()");
}

void task_table::add(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    if (name.starts_with('$'))
        throw usage_error(errc::invalid_name, "names that begin with $ belong to the library: " + std::string(name));
    insert(name, std::move(task), std::move(description));
}

void task_table::add_builtin(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    insert(name, std::move(task), std::move(description));
}

std::unique_lock<std::mutex> task_table::lock_unless_frozen() const {
    return frozen_ ? std::unique_lock<std::mutex>() : std::unique_lock(mutex_);
}

void task_table::insert(std::string_view name, std::unique_ptr<detail::task> task, std::string description) {
    check_not_frozen();
    check_name(name, "a task's name");
    const std::lock_guard lock(mutex_);
    const auto [at, inserted] = tasks_.try_emplace(std::string(name), entry{std::move(task), std::move(description)});
    if (!inserted)
        throw usage_error(errc::duplicate_task, "a task named " + wire::printable(name) + " is registered already");
}

void task_table::add_listener(std::string_view topic, std::unique_ptr<detail::task> task) {
    check_not_frozen();
    check_name(topic, "a topic's name");
    const std::lock_guard lock(mutex_);
    if (!listeners_.try_emplace(std::string(topic), std::move(task)).second)
        throw usage_error(errc::duplicate_task, "the topic " + wire::printable(topic) + " has a handler already");
}

void task_table::set_any_listener(std::unique_ptr<detail::task> task) {
    check_not_frozen();
    const std::lock_guard lock(mutex_);
    if (any_listener_) throw usage_error(errc::duplicate_task, "there is a handler for any topic already");
    any_listener_ = std::move(task);
}

detail::task* task_table::find_listener(std::string_view topic) const noexcept {
    const auto lock = lock_unless_frozen();
    const auto found = listeners_.find(topic);
    return found != listeners_.end() ? found->second.get() : any_listener_.get();
}

void task_table::set_fallback(std::unique_ptr<detail::task> task) {
    check_not_frozen();
    const std::lock_guard lock(mutex_);
    if (fallback_) throw usage_error(errc::duplicate_task, "there is a fallback task already");
    fallback_ = std::move(task);
}

detail::task* task_table::find(std::string_view name) const noexcept {
    const auto lock = lock_unless_frozen();
    const auto found = tasks_.find(name);
    if (found != tasks_.end()) return found->second.task.get();
    // The library's own names never reach the user's fallback.
    return name.starts_with('$') || !wire::is_valid_name(name) ? nullptr : fallback_.get();
}

failure task_table::unknown(std::string_view name) const {
    std::string detail = "no task is named \"" + wire::printable(name) + "\"; known are: ";
    std::size_t listed = 0;
    for (const auto& task : list()) {
        if (task.name.starts_with('$')) continue;
        if (listed == listed_names) {
            detail += ", ...";
            break;
        }
        if (listed++ != 0) detail += ", ";
        detail += task.name;
    }
    if (listed == 0) detail += "none";
    return failure(errc::unknown_task, std::move(detail));
}

std::vector<task_info> task_table::list() const {
    const auto lock = lock_unless_frozen();
    std::vector<task_info> all;
    all.reserve(tasks_.size());
    for (const auto& [name, known] : tasks_)
        all.push_back({name, known.task->argument_types(), known.task->return_type(), known.task->taken_items(),
                       known.task->sent_items(), known.description});
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
}

}  // namespace echosocket
