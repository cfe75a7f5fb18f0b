"""What runs inside a framework's environment: one fresh process measures one cell once.

Needs the standard library, numpy, psutil, threadpoolctl and one framework; speaks to the driver through files only.
"""
