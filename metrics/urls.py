"""Addresses of value, indicators and the map."""

from django.urls import path

from metrics.views import cards, map_editor, metric_map, metrics, story, valuations

urlpatterns = [
    path("customers/<int:pk>/", cards.customer_card, name="customer-card"),
    path("board/", metrics.board, name="board"),
    path("metrics/", metrics.metric_list, name="metric-list"),
    path("metrics/<slug:key>/", metrics.metric_page, name="metric-page"),
    path("story/", story.story, name="story"),
    path("value/", valuations.valuation_current, name="valuation-current"),
    path("value/all/", valuations.valuation_list, name="valuation-list"),
    path("value/new/", valuations.valuation_new, name="valuation-new"),
    path("value/<int:pk>/", valuations.valuation_page, name="valuation-page"),
    path("value/<int:pk>/progress/", valuations.valuation_progress, name="valuation-progress"),
    path("value/<int:pk>/again/", valuations.valuation_try_again, name="valuation-try-again"),
    path("map/", metric_map.map_page, name="map-page"),
    path("map/edit/", map_editor.map_edit, name="map-edit"),
    path("map/start/", map_editor.map_start, name="map-start"),
    path("map/metrics/new/", map_editor.metric_new, name="metric-new"),
    path("map/metrics/<slug:key>/", map_editor.metric_edit, name="metric-edit"),
    path("map/metrics/<slug:key>/remove/", map_editor.metric_remove, name="metric-remove"),
    path("map/links/new/", map_editor.link_new, name="link-new"),
    path("map/links/<int:pk>/", map_editor.link_edit, name="link-edit"),
    path("map/links/<int:pk>/remove/", map_editor.link_remove, name="link-remove"),
]
