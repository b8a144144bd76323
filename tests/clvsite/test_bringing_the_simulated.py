"""The simulated company's facts come in by the doors of anybody's, and may come in again."""

from clvsite.sample.tarnholm.facts import bring
from clvsite.simulated.company import simulate
from customers.models import AcquisitionCost, Department, Interaction, PurchaseLine, StaffMonth


def test_a_loading_that_broke_off_can_begin_again_and_stores_nothing_twice(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    simulated = simulate(1, customers=40, years=1)
    for department in ("Service", "Sales"):
        Department.objects.create(name=department)
    bring(simulated, lambda told: None)
    once = [model.objects.count() for model in (PurchaseLine, Interaction, StaffMonth)]
    bring(simulated, lambda told: None)
    assert [model.objects.count() for model in (PurchaseLine, Interaction, StaffMonth)] == once
    assert AcquisitionCost.objects.count() == len(simulated.acquisition)
